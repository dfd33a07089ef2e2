with reported as (
    select * from {{ ref('stg_submissions__damage_points') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

integrated as (
    select * from {{ ref('int_expected_damages_integrated') }}
)

select
    reported.municipality_code,
    reported.year,
    reported.project_id,
    cast(reported.return_period_years as integer) as return_period_years,
    reported.damage_before_dkk,
    reported.damage_after_dkk,
    integrated.annual_share,
    reported.submission_id,
    reported.source_ref,
    reported.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id
from reported
inner join submissions on reported.submission_id = submissions.submission_id
inner join integrated
    on
        reported.submission_id = integrated.submission_id
        and reported.row_key = integrated.row_key
order by
    reported.municipality_code, reported.year, reported.project_id, reported.return_period_years
