{{ config(materialized='table') }}

with submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

stated as (
    select
        reported.*,
        coalesce(reported.adopted_date, date '9999-12-31') as adopted_key,
        row_number() over (
            partition by reported.municipality_code, reported.target_id, reported.adopted_date
            order by reported.year, reported.recorded_at, reported.submission_id
        ) as report_no
    from {{ ref('stg_submissions__targets') }} as reported
    inner join submissions on reported.submission_id = submissions.submission_id
),

-- A base counts when its year and value stand together; what a later report says of the same year
-- is a restatement.
bases as (
    select
        *,
        row_number() over (
            partition by municipality_code, target_id, adopted_key order by report_no
        ) as base_no,
        first_value(base_year) over (
            partition by municipality_code, target_id, adopted_key order by report_no
        ) as first_base_year
    from stated
    where base_year is not null and base_value_tco2e is not null
),

frozen as (
    select
        municipality_code,
        target_id,
        adopted_key,
        max(base_year) filter (where base_no = 1) as base_year,
        max(base_value_tco2e) filter (where base_no = 1) as base_value_frozen_tco2e,
        max(year) filter (where base_no = 1) as base_frozen_report_year,
        max(source_ref) filter (where base_no = 1) as base_ref,
        max_by(base_value_tco2e, report_no) filter (where base_year = first_base_year)
            as base_value_restated_tco2e
    from bases
    group by municipality_code, target_id, adopted_key
),

targets as (
    select
        municipality_code,
        target_id,
        adopted_date,
        adopted_key,
        max(boundary) filter (where report_no = 1) as boundary,
        max(kind) filter (where report_no = 1) as kind,
        max(target_value) filter (where report_no = 1) as target_value,
        max(target_year) filter (where report_no = 1) as target_year,
        max(source_ref) filter (where report_no = 1) as target_ref,
        min_by(base_year, report_no) filter (where base_year is not null) as stated_base_year,
        max_by(replaces_target_id, report_no) filter (where replaces_target_id <> target_id)
            as replaces_target_id,
        bool_or(is_example) as is_example
    from stated
    group by municipality_code, target_id, adopted_date, adopted_key
)

select
    targets.*,
    frozen.base_value_frozen_tco2e,
    frozen.base_value_restated_tco2e,
    frozen.base_frozen_report_year,
    coalesce(frozen.base_year, targets.stated_base_year) as base_year,
    coalesce(frozen.base_ref, targets.target_ref) as source_ref
from targets
left join frozen
    on
        targets.municipality_code = frozen.municipality_code
        and targets.target_id = frozen.target_id
        and targets.adopted_key = frozen.adopted_key
