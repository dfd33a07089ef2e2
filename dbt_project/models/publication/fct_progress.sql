with progress as (
    select * from {{ ref('int_progress_judged') }}
),

path_reasons as (
    select * from {{ ref('path_reasons') }}
),

comparison_reasons as (
    select * from {{ ref('comparison_reasons') }}
)

select
    progress.municipality_code,
    progress.path_id,
    progress.year,
    progress.indicator_id,
    progress.unit,
    progress.base_year,
    progress.actual_value,
    progress.path_value,
    progress.gap_abs,
    progress.gap_rel_pct,
    progress.gap_years,
    progress.overshoot,
    progress.overshoot_known,
    progress.overshoot_known_years,
    progress.missing_years,
    progress.is_on_track,
    progress.next_target_year,
    progress.next_target_level,
    progress.required_annual_change,
    progress.required_annual_rate_pct,
    progress.trend_slope,
    progress.slope_low,
    progress.slope_high,
    progress.effort_ratio,
    progress.projected_value_at_target_year,
    progress.projected_net_zero_year,
    progress.gap_reason_code,
    gap_reasons.text_da as gap_reason_da,
    gap_reasons.text_en as gap_reason_en,
    progress.required_reason_code,
    required_reasons.text_da as required_reason_da,
    required_reasons.text_en as required_reason_en,
    progress.trend_reason_code,
    trend_reasons.text_da as trend_reason_da,
    trend_reasons.text_en as trend_reason_en,
    progress.overshoot_reason_code,
    overshoot_reasons.text_da as overshoot_reason_da,
    overshoot_reasons.text_en as overshoot_reason_en,
    progress.projection_reason_code,
    projection_reasons.text_da as projection_reason_da,
    projection_reasons.text_en as projection_reason_en,
    progress.trend_caution_code,
    trend_cautions.text_da as trend_caution_da,
    trend_cautions.text_en as trend_caution_en,
    progress.comparability_code,
    comparison_reasons.text_da as comparability_da,
    comparison_reasons.text_en as comparability_en,
    progress.evidence_class,
    progress.is_lower_bound,
    progress.source_ref,
    progress.is_example
from progress
left join path_reasons as gap_reasons
    on progress.gap_reason_code = gap_reasons.reason_code
left join path_reasons as required_reasons
    on progress.required_reason_code = required_reasons.reason_code
left join path_reasons as trend_reasons
    on progress.trend_reason_code = trend_reasons.reason_code
left join path_reasons as overshoot_reasons
    on progress.overshoot_reason_code = overshoot_reasons.reason_code
left join path_reasons as projection_reasons
    on progress.projection_reason_code = projection_reasons.reason_code
left join path_reasons as trend_cautions
    on progress.trend_caution_code = trend_cautions.reason_code
inner join comparison_reasons
    on progress.comparability_code = comparison_reasons.reason_code
order by progress.municipality_code, progress.path_id, progress.year
