{{ config(materialized='table') }}

with observed as (
    select * from {{ ref('int_emission_values_selected') }}
    where is_observed and is_complete and not is_beside_real
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

newest as (
    select * from observed
    qualify row_number() over (partition by municipality_code, indicator_id order by year desc) = 1
),

newest_breaks as (
    select
        newest.municipality_code,
        newest.indicator_id,
        max(series_breaks.first_year) as first_year
    from newest
    inner join series_breaks
        on
            newest.indicator_id = series_breaks.indicator_id
            and newest.year >= series_breaks.first_year
    group by newest.municipality_code, newest.indicator_id
),

-- What cannot be compared with the newest figure ends the window, and so does all before it.
compared as (
    select
        observed.*,
        max(
            case
                when observed.year < newest_breaks.first_year then observed.year
                when (observed.origin = 'submitted') <> (newest.origin = 'submitted')
                    then observed.year
                when case {{ comparability_barriers('observed', 'newest') }} end is not null
                    then observed.year
            end
        ) over (partition by observed.municipality_code, observed.indicator_id) as barred_year
    from observed
    inner join newest
        on
            observed.municipality_code = newest.municipality_code
            and observed.indicator_id = newest.indicator_id
    left join newest_breaks
        on
            observed.municipality_code = newest_breaks.municipality_code
            and observed.indicator_id = newest_breaks.indicator_id
),

ranked as (
    select
        *,
        case
            when barred_year is not null
                then min(year) over (partition by municipality_code, indicator_id)
        end as break_year,
        row_number() over (partition by municipality_code, indicator_id order by year desc)
            as newest_no
    from compared
    where year > coalesce(barred_year, 0)
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
