with reported as (
    select * from {{ ref('stg_submissions__targets') }}
),

targets as (
    select * from {{ ref('int_targets_judged') }}
),

reductions as (
    select * from {{ ref('int_target_reductions_computed') }}
),

actuals as (
    select * from {{ ref('int_progress_compared') }}
    where is_known and not is_beside_real and year > base_year
),

path_reasons as (
    select * from {{ ref('path_reasons') }}
    where reason_code = 'no_comparable_actual'
),

-- Several paths can begin in one year; what they are compared with is the same.
newest as (
    select
        reported.submission_id,
        reported.target_id,
        max(targets.base_value_frozen_tco2e) - max_by(actuals.value, actuals.year)
            as reduction_reached_tco2e,
        max(actuals.year) as reduction_reached_year
    from reported
    inner join targets
        on
            reported.municipality_code = targets.municipality_code
            and reported.target_id = targets.target_id
            and coalesce(reported.adopted_date, date '9999-12-31') = targets.adopted_key
    inner join actuals
        on
            targets.municipality_code = actuals.municipality_code
            and targets.base_year = actuals.base_year
            and actuals.indicator_id = 'ghg_' || targets.boundary
    where targets.base_value_frozen_tco2e is not null
    group by reported.submission_id, reported.target_id
)

select
    reductions.submission_id,
    reductions.target_id,
    reductions.target_level,
    reductions.target_unit,
    reductions.base_value_frozen_tco2e,
    reductions.base_frozen_report_year,
    reductions.base_value_now_tco2e,
    reductions.reduction_pct,
    reductions.reduction_promised_tco2e,
    reductions.reduction_backed_tco2e,
    reductions.quantified_actions_count,
    reductions.backed_source_ref,
    reductions.reduction_if_tonnes_kept_pct,
    reductions.target_if_percentage_kept_tco2e,
    reductions.manko_tco2e,
    reductions.reason_code,
    newest.reduction_reached_tco2e,
    newest.reduction_reached_year,
    path_reasons.reason_code as reached_reason_code,
    path_reasons.text_da as reached_reason_da,
    path_reasons.text_en as reached_reason_en
from reductions
left join newest
    on
        reductions.submission_id = newest.submission_id
        and reductions.target_id = newest.target_id
left join path_reasons on newest.reduction_reached_tco2e is null
