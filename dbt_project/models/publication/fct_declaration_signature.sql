with reported as (
    select * from {{ ref('stg_submissions__declaration_signatures') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

declarations as (
    select * from {{ ref('int_declarations_unioned') }}
)

select
    reported.municipality_code,
    reported.year,
    reported.declaration_id,
    declarations.name_da as declaration_name_da,
    reported.signed_date,
    reported.withdrawn_date,
    reported.evidence,
    reported.submission_id,
    reported.source_ref,
    reported.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id
from reported
inner join submissions on reported.submission_id = submissions.submission_id
left join declarations on reported.declaration_id = declarations.declaration_id
order by reported.municipality_code, reported.year, reported.declaration_id
