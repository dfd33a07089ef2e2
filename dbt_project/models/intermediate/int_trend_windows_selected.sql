{{ config(materialized='table') }}

with observed as (
    select
        *,
        min(year) over (partition by municipality_code, indicator_id) as first_observed_year,
        max(year) over (partition by municipality_code, indicator_id) as last_observed_year
    from {{ ref('int_emission_values_selected') }}
    where is_observed
),

series_breaks as (
    select * from {{ ref('series_breaks') }}
),

parameters as (
    select
        max(number) filter (where parameter = 'trend_min_years') as min_years,
        max(number) filter (where parameter = 'trend_max_years') as max_years
    from {{ ref('int_method_parameters_selected') }}
),

newest_breaks as (
    select
        observed.municipality_code,
        observed.indicator_id,
        max(series_breaks.first_year) as break_year
    from observed
    inner join series_breaks
        on
            observed.indicator_id = series_breaks.indicator_id
            and observed.first_observed_year < series_breaks.first_year
            and observed.last_observed_year >= series_breaks.first_year
    group by observed.municipality_code, observed.indicator_id
),

ranked as (
    select
        observed.*,
        newest_breaks.break_year,
        row_number() over (
            partition by observed.municipality_code, observed.indicator_id
            order by observed.year desc
        ) as newest_no
    from observed
    left join newest_breaks
        on
            observed.municipality_code = newest_breaks.municipality_code
            and observed.indicator_id = newest_breaks.indicator_id
    where observed.year >= coalesce(newest_breaks.break_year, observed.year)
)

select
    ranked.municipality_code,
    ranked.indicator_id,
    ranked.year,
    ranked.value,
    ranked.source_ref,
    ranked.is_example,
    ranked.break_year,
    count(*) over (partition by ranked.municipality_code, ranked.indicator_id) as observed_years,
    count(*) over (partition by ranked.municipality_code, ranked.indicator_id)
    >= parameters.min_years as is_long_enough
from ranked
cross join parameters
where ranked.newest_no <= parameters.max_years
