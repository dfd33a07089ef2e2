with reported as (
    select * from {{ ref('stg_submissions__knowledge_sharing') }}
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
    reported.sharing_level,
    levels.label_da as sharing_level_name_da,
    reported.shared_date,
    reported.title,
    reported.with_whom,
    reported.evidence,
    reported.submission_id,
    reported.source_ref,
    reported.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id
from reported
inner join submissions on reported.submission_id = submissions.submission_id
left join choices as levels
    on levels.list_id = 'sharing_levels' and reported.sharing_level = levels.code
order by
    reported.municipality_code,
    reported.year,
    reported.sharing_level,
    reported.shared_date,
    reported.title
