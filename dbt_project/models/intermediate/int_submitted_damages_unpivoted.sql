with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'damage_points' and field in ('damage_before_dkk', 'damage_after_dkk')
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

events as (
    select * from {{ ref('int_expected_damages_integrated') }}
    where reason_code is null
),

-- What the report states itself goes before what its events make.
projects as (
    select * from {{ ref('stg_submissions__adaptation_projects') }}
    where
        year(completed_date) = year
        and damage_basis is not null
        and (damage_before_dkk is null or damage_after_dkk is null)
)

select
    cells.submission_id,
    cells.municipality_code,
    cells.year,
    cells.block,
    cells.row_key,
    cells.field,
    cells.sheet,
    cells.cell,
    cells.file_sha256,
    cells.recorded_at,
    cells.is_example,
    submissions.supersedes_id,
    'municipal_adaptation_projects' as dataset,
    projects.hazard || '/avoided_damage_' || projects.damage_basis || '_dkk' as provider_code,
    case cells.field when 'damage_after_dkk' then -1 else 1 end
    * events.annual_share
    * cells.value_number as value
from cells
inner join submissions on cells.submission_id = submissions.submission_id
inner join events
    on cells.submission_id = events.submission_id and cells.row_key = events.row_key
inner join projects
    on
        events.submission_id = projects.submission_id
        and events.project_id = projects.project_id
