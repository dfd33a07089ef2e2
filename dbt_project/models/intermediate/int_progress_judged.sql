with measured as (
    select * from {{ ref('int_progress_measured') }}
),

trends as (
    select * from {{ ref('int_trends_judged') }}
),

-- A trend of later figures is of another series.
required as (
    select
        measured.*,
        trends.trend_slope,
        trends.slope_low,
        trends.slope_high,
        trends.projected_net_zero_year,
        trends.below_zero_code,
        trends.trend_caution_code,
        trends.reason_code as trend_code,
        trends.net_zero_reason_code,
        trends.municipality_code is null and measured.is_newest_year as is_other_trend,
        measured.year - measured.base_year + 1 - measured.overshoot_known_years as missing_years,
        measured.is_comparable and (measured.is_known or measured.gap_abs > 0) as is_decided,
        trends.intercept + trends.trend_slope * measured.target_year as line_value,
        (measured.target_level - case when measured.is_comparable then measured.actual_value end)
        / nullif(measured.target_year - measured.year, 0) as required_annual_change
    from measured
    left join trends
        on
            measured.municipality_code = trends.municipality_code
            and measured.indicator_id = trends.indicator_id
            and measured.year >= coalesce(trends.last_year, measured.year)
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
    overshoot_known,
    overshoot_known_years,
    missing_years,
    target_year as next_target_year,
    target_level as next_target_level,
    required_annual_change,
    trend_slope,
    slope_low,
    slope_high,
    projected_net_zero_year,
    comparability_code,
    trend_caution_code,
    evidence_class,
    source_ref,
    is_lower_bound,
    is_example,
    case when is_comparable then gap_abs end as gap_abs,
    case when is_decided then gap_years end as gap_years,
    case when is_decided then gap_abs <= 0 end as is_on_track,
    case when missing_years = 0 then overshoot_known end as overshoot,
    case when missing_years > 0 then 'years_missing' end as overshoot_reason_code,
    case when is_comparable and path_value > 0 then 100 * gap_abs / path_value end as gap_rel_pct,
    case
        when is_comparable and target_level > 0 and actual_value > 0
            then 100 * (1 - power(target_level / actual_value, 1.0 / (target_year - year)))
    end as required_annual_rate_pct,
    case
        when trend_slope < 0 and required_annual_change < 0 and not is_lower_bound
            then required_annual_change / trend_slope
    end as effort_ratio,
    case when line_value >= 0 or below_zero_code <> 'projection_below_zero' then line_value end
        as projected_value_at_target_year,
    case when line_value < 0 then below_zero_code end as projection_reason_code,
    case
        when not is_comparable then 'not_comparable'
        when not is_decided then 'lower_bound'
        when gap_years is null and actual_value > base_value then 'actual_above_base'
        when gap_years is null then 'actual_below_path'
        when path_value <= 0 then 'path_not_positive'
    end as gap_reason_code,
    case
        when not is_comparable then 'not_comparable'
        when target_year is null then 'no_later_target'
        when actual_value <= 0 then 'level_not_positive'
        when target_level <= 0 then 'rate_to_zero'
    end as required_reason_code,
    case
        when not is_newest_year then 'not_newest_year'
        when is_other_trend then 'trend_of_other_series'
        when trend_code is not null then trend_code
        when is_lower_bound then 'lower_bound'
        when net_zero_reason_code is not null then net_zero_reason_code
        when target_year is null then 'no_later_target'
        when required_annual_change >= 0 then 'target_already_met'
    end as trend_reason_code
from required
