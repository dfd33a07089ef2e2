with reported as (
    select * from {{ ref('stg_submissions__targets') }}
),

submissions as (
    select
        *,
        max(case when form_id = 'report' then year end) over (partition by municipality_code)
            as newest_year
    from {{ ref('stg_control__submissions') }}
    where is_in_force
),

reductions as (
    select * from {{ ref('int_target_reductions_reached') }}
),

choices as (
    select * from {{ ref('reporting_choices') }}
),

path_reasons as (
    select * from {{ ref('path_reasons') }}
),

replacing as (
    select
        submission_id,
        replaces_target_id,
        min(target_id) as target_id
    from reported
    group by submission_id, replaces_target_id
)

select
    reported.municipality_code,
    reported.year,
    reported.target_id,
    reported.boundary,
    boundaries.label_da as boundary_name_da,
    reported.kind,
    kinds.label_da as kind_name_da,
    reported.target_value,
    reported.base_year,
    reported.base_value_tco2e,
    reported.target_year,
    reported.adopted_by,
    bodies.label_da as adopted_by_name_da,
    reported.adopted_date,
    reported.replaces_target_id,
    reported.evidence,
    replacing.target_id as replaced_by_target_id,
    reductions.target_level,
    reductions.target_unit,
    reductions.base_value_frozen_tco2e,
    reductions.base_frozen_report_year,
    reductions.base_value_now_tco2e,
    reductions.reduction_pct,
    reductions.reduction_if_tonnes_kept_pct,
    reductions.target_if_percentage_kept_tco2e,
    reductions.reduction_promised_tco2e,
    reductions.reduction_backed_tco2e,
    reductions.quantified_actions_count,
    reductions.backed_source_ref,
    reductions.manko_tco2e,
    reductions.reduction_reached_tco2e,
    reductions.reduction_reached_year,
    reductions.reached_reason_code,
    reductions.reached_reason_da,
    reductions.reached_reason_en,
    reductions.reason_code,
    path_reasons.text_da as reason_da,
    path_reasons.text_en as reason_en,
    reported.submission_id,
    reported.source_ref,
    reported.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id,
    reported.year = submissions.newest_year as is_newest_report
from reported
inner join submissions on reported.submission_id = submissions.submission_id
inner join reductions
    on
        reported.submission_id = reductions.submission_id
        and reported.target_id = reductions.target_id
left join path_reasons on reductions.reason_code = path_reasons.reason_code
left join choices as boundaries
    on boundaries.list_id = 'boundaries' and reported.boundary = boundaries.code
left join choices as kinds
    on kinds.list_id = 'target_kinds' and reported.kind = kinds.code
left join choices as bodies
    on bodies.list_id = 'adopting_bodies' and reported.adopted_by = bodies.code
left join replacing
    on
        reported.submission_id = replacing.submission_id
        and reported.target_id = replacing.replaces_target_id
order by reported.municipality_code, reported.year, reported.target_id
