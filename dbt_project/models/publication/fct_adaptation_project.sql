with reported as (
    select * from {{ ref('stg_submissions__adaptation_projects') }}
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
    reported.project_id,
    reported.title,
    reported.hazard,
    hazards.label_da as hazard_name_da,
    reported.completed_date,
    reported.cost_dkk,
    reported.retention_m3,
    reported.buildings_protected,
    reported.damage_before_dkk,
    reported.damage_after_dkk,
    reported.damage_basis,
    bases.label_da as damage_basis_name_da,
    reported.evidence,
    reported.submission_id,
    reported.source_ref,
    reported.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id
from reported
inner join submissions on reported.submission_id = submissions.submission_id
left join choices as hazards
    on hazards.list_id = 'hazards' and reported.hazard = hazards.code
left join choices as bases
    on bases.list_id = 'damage_bases' and reported.damage_basis = bases.code
order by reported.municipality_code, reported.year, reported.project_id
