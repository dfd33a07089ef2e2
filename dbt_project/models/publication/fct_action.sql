with reported as (
    select * from {{ ref('stg_submissions__actions') }}
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
    reported.action_id,
    reported.title,
    reported.sector,
    sectors.label_da as sector_name_da,
    reported.owner_unit,
    reported.start_date,
    reported.end_date,
    reported.status,
    statuses.label_da as status_name_da,
    reported.finance_dkk,
    reported.expected_effect_tco2e,
    reported.full_effect_year,
    reported.realised_effect_tco2e,
    reported.evidence,
    reported.submission_id,
    reported.source_ref,
    reported.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id
from reported
inner join submissions on reported.submission_id = submissions.submission_id
left join choices as sectors
    on sectors.list_id = 'action_sectors' and reported.sector = sectors.code
left join choices as statuses
    on statuses.list_id = 'action_statuses' and reported.status = statuses.code
order by reported.municipality_code, reported.year, reported.action_id
