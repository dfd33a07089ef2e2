with reported as (
    select * from {{ ref('stg_submissions__plans') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

choices as (
    select * from {{ ref('reporting_choices') }}
)

select
    reported.municipality_code,
    reported.year,
    reported.plan_id,
    reported.title,
    reported.approved_date,
    reported.approved_by,
    bodies.label_da as approved_by_name_da,
    reported.valid_to_date,
    reported.evidence,
    reported.submission_id,
    reported.source_ref,
    reported.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id
from reported
inner join submissions on reported.submission_id = submissions.submission_id
left join choices as bodies
    on bodies.list_id = 'adopting_bodies' and reported.approved_by = bodies.code
order by reported.municipality_code, reported.year, reported.plan_id
