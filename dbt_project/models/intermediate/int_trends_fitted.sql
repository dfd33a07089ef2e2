{{ config(materialized='table') }}

with windows as (
    select * from {{ ref('int_trend_windows_selected') }}
    where is_long_enough
),

parameters as (
    select max(number) filter (where parameter = 'trend_z') as normal_quantile
    from {{ ref('int_method_parameters_selected') }}
),

groups_of_equals as (
    select
        municipality_code,
        indicator_id,
        count(*) as tied
    from windows
    group by municipality_code, indicator_id, value
),

slopes as (
    select
        earlier.municipality_code,
        earlier.indicator_id,
        (later.value - earlier.value) / (later.year - earlier.year) as slope,
        row_number() over (
            partition by earlier.municipality_code, earlier.indicator_id order by slope
        ) - 1 as slope_rank
    from windows as earlier
    inner join windows as later
        on
            earlier.municipality_code = later.municipality_code
            and earlier.indicator_id = later.indicator_id
            and earlier.year < later.year
),

medians as (
    select
        municipality_code,
        indicator_id,
        median(slope) as trend_slope,
        count(*) as slopes_count
    from slopes
    group by municipality_code, indicator_id
),

ties as (
    select
        municipality_code,
        indicator_id,
        sum(tied * (tied - 1) * (2 * tied + 5)) as tied_terms
    from groups_of_equals
    group by municipality_code, indicator_id
),

fitted as (
    select
        windows.municipality_code,
        windows.indicator_id,
        medians.trend_slope,
        medians.slopes_count,
        median(windows.value - medians.trend_slope * windows.year) as intercept,
        max(parameters.normal_quantile) * sqrt(
            (count(*) * (count(*) - 1) * (2 * count(*) + 5) - max(ties.tied_terms)) / 18.0
        ) as spread
    from windows
    inner join medians
        on
            windows.municipality_code = medians.municipality_code
            and windows.indicator_id = medians.indicator_id
    cross join parameters
    inner join ties
        on
            windows.municipality_code = ties.municipality_code
            and windows.indicator_id = ties.indicator_id
    group by all
)

select
    fitted.municipality_code,
    fitted.indicator_id,
    fitted.trend_slope,
    fitted.intercept,
    max(slopes.slope) filter (
        where slopes.slope_rank
        = greatest({{ rounded_half_even('(fitted.slopes_count - fitted.spread) / 2') }} - 1, 0)
    ) as slope_low,
    max(slopes.slope) filter (
        where slopes.slope_rank = least(
            {{ rounded_half_even('(fitted.slopes_count + fitted.spread) / 2') }},
            fitted.slopes_count - 1
        )
    ) as slope_high
from fitted
inner join slopes
    on
        fitted.municipality_code = slopes.municipality_code
        and fitted.indicator_id = slopes.indicator_id
group by all
