with measured as (
    select * from {{ ref('int_progress_measured') }}
),

trends as (
    select * from {{ ref('int_trends_judged') }}
),

required as (
    select
        measured.*,
        trends.trend_slope,
        trends.intercept,
        trends.projected_net_zero_year,
        trends.reason_code as trend_code,
        trends.net_zero_reason_code,
        (measured.target_level - measured.actual_value)
        / nullif(measured.target_year - measured.year, 0) as required_annual_change
    from measured
    left join trends
        on
            measured.municipality_code = trends.municipality_code
            and measured.indicator_id = trends.indicator_id
            and measured.is_newest_year
)

select
    municipality_code,
    path_id,
    year,
    indicator_id,
    unit,
    base_year,
    actual_value,
    path_value,
    gap_abs,
    gap_years,
    overshoot,
    missing_years,
    target_year as next_target_year,
    target_level as next_target_level,
    required_annual_change,
    trend_slope,
    projected_net_zero_year,
    evidence_class,
    source_ref,
    is_lower_bound,
    is_example,
    gap_abs <= 0 as is_on_track,
    case when path_value > 0 then 100 * gap_abs / path_value end as gap_rel_pct,
    case
        when target_level > 0 and actual_value > 0
            then
                100 * (1 - power(target_level / actual_value, 1.0 / (target_year - year)))
    end as required_annual_rate_pct,
    case
        when trend_slope < 0 and required_annual_change < 0
            then required_annual_change / trend_slope
    end as effort_ratio,
    intercept + trend_slope * target_year as projected_value_at_target_year,
    case
        when gap_years is null and actual_value > base_value then 'actual_above_base'
        when gap_years is null then 'actual_below_path'
        when path_value <= 0 then 'path_not_positive'
    end as gap_reason_code,
    case
        when target_year is null then 'no_later_target'
        when actual_value <= 0 then 'level_not_positive'
        when target_level <= 0 then 'rate_to_zero'
    end as required_reason_code,
    case
        when not is_newest_year then 'not_newest_year'
        when trend_code is not null then trend_code
        when net_zero_reason_code is not null then net_zero_reason_code
        when target_year is null then 'no_later_target'
        when required_annual_change >= 0 then 'target_already_met'
    end as trend_reason_code
from required
