with reported as (
    select * from {{ ref('stg_submissions__participations') }}
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
    reported.kind,
    kinds.label_da as kind_name_da,
    reported.held_date,
    reported.highest_role,
    attending.label_da as highest_role_name_da,
    reported.contribution,
    reported.evidence,
    reported.submission_id,
    reported.source_ref,
    reported.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id
from reported
inner join submissions on reported.submission_id = submissions.submission_id
left join choices as kinds
    on kinds.list_id = 'participation_kinds' and reported.kind = kinds.code
left join choices as attending
    on attending.list_id = 'participation_roles' and reported.highest_role = attending.code
order by reported.municipality_code, reported.year, reported.kind, reported.held_date
