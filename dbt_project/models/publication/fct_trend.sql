with trends as (
    select * from {{ ref('int_trends_judged') }}
),

path_reasons as (
    select * from {{ ref('path_reasons') }}
)

select
    trends.municipality_code,
    trends.indicator_id,
    trends.year,
    trends.boundary,
    trends.unit,
    trends.first_year,
    trends.last_year,
    trends.observed_years,
    trends.trend_slope,
    trends.slope_low,
    trends.slope_high,
    trends.intercept,
    trends.level_value,
    trends.projection_year,
    trends.projected_value,
    trends.projected_net_zero_year,
    trends.reason_code,
    path_reasons.text_da as reason_da,
    path_reasons.text_en as reason_en,
    trends.net_zero_reason_code,
    net_zero_reasons.text_da as net_zero_reason_da,
    net_zero_reasons.text_en as net_zero_reason_en,
    trends.projection_reason_code,
    projection_reasons.text_da as projection_reason_da,
    projection_reasons.text_en as projection_reason_en,
    trends.trend_caution_code,
    trend_cautions.text_da as trend_caution_da,
    trend_cautions.text_en as trend_caution_en,
    trends.is_example
from trends
left join path_reasons on trends.reason_code = path_reasons.reason_code
left join path_reasons as net_zero_reasons
    on trends.net_zero_reason_code = net_zero_reasons.reason_code
left join path_reasons as projection_reasons
    on trends.projection_reason_code = projection_reasons.reason_code
left join path_reasons as trend_cautions
    on trends.trend_caution_code = trend_cautions.reason_code
order by trends.municipality_code, trends.indicator_id, trends.year
