with reported as (
    select * from {{ ref('stg_submissions__partnerships') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
)

select
    reported.municipality_code,
    reported.year,
    reported.cvr,
    reported.agreement_id,
    reported.business_name,
    reported.valid_from_date,
    reported.valid_to_date,
    reported.saved_mwh,
    reported.note as evidence,
    reported.submission_id,
    reported.source_ref,
    reported.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id
from reported
inner join submissions on reported.submission_id = submissions.submission_id
order by reported.municipality_code, reported.year, reported.cvr, reported.agreement_id
