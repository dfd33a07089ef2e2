{{ config(materialized='table') }}

with municipalities as (
    select * from {{ ref('municipalities') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
    where substr(indicator_id, 1, 4) = 'ghg_'
),

parameters as (
    select
        cast(max(number) filter (where parameter = 'projection_year') as integer)
            as projection_year,
        max(number) filter (where parameter = 'net_zero_last_year') as net_zero_last_year
    from {{ ref('int_method_parameters_selected') }}
),

fitted as (
    select * from {{ ref('int_trends_fitted') }}
),

windows as (
    select
        municipality_code,
        indicator_id,
        min(year) as first_year,
        max(year) as last_year,
        count(*) as observed_years,
        bool_or(is_example) as is_example,
        max(break_year) as break_year
    from {{ ref('int_trend_windows_selected') }}
    group by municipality_code, indicator_id
)

select
    municipalities.municipality_code,
    indicators.indicator_id,
    indicators.boundary,
    indicators.unit,
    windows.first_year,
    windows.last_year,
    fitted.trend_slope,
    fitted.slope_low,
    fitted.slope_high,
    fitted.intercept,
    parameters.projection_year,
    cast(coalesce(windows.last_year, indicators.last_year) as integer) as year,
    coalesce(windows.observed_years, 0) as observed_years,
    coalesce(windows.is_example, false) as is_example,
    fitted.intercept + fitted.trend_slope * windows.last_year as level_value,
    fitted.intercept + fitted.trend_slope * parameters.projection_year as line_value,
    -fitted.intercept / nullif(fitted.trend_slope, 0) as zero_year,
    case
        when level_value > 0 and indicators.valid_min >= 0 then 'projection_below_zero'
        when fitted.trend_slope is not null then 'projection_negative'
    end as below_zero_code,
    case when line_value >= 0 or below_zero_code <> 'projection_below_zero' then line_value end
        as projected_value,
    case when line_value < 0 then below_zero_code end as projection_reason_code,
    case
        when
            fitted.trend_slope < 0
            and level_value > 0
            and zero_year <= parameters.net_zero_last_year
            then zero_year
    end as projected_net_zero_year,
    case
        when fitted.trend_slope is not null then null
        when windows.break_year is not null then 'series_break'
        else 'too_few_observed_years'
    end as reason_code,
    case when fitted.slope_low <= 0 and fitted.slope_high >= 0 then 'trend_uncertain' end
        as trend_caution_code,
    case
        when fitted.trend_slope >= 0 then 'trend_not_falling'
        when level_value <= 0 then 'level_not_positive'
        when zero_year > parameters.net_zero_last_year then 'net_zero_too_distant'
    end as net_zero_reason_code
from municipalities
cross join indicators
cross join parameters
left join windows
    on
        municipalities.municipality_code = windows.municipality_code
        and indicators.indicator_id = windows.indicator_id
left join fitted
    on
        municipalities.municipality_code = fitted.municipality_code
        and indicators.indicator_id = fitted.indicator_id
