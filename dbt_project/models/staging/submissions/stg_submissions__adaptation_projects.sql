with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'adaptation_projects'
)

select
    submission_id,
    form_id,
    municipality_code,
    year,
    row_key,
    row_number,
    sheet,
    file_sha256,
    recorded_at,
    is_example,
    max(cell) filter (where field = 'project_id') as cell,
    max(source_ref) filter (where field = 'project_id') as source_ref,
    max(value_text) filter (where field = 'project_id') as project_id,
    max(value_text) filter (where field = 'title') as title,
    max(value_text) filter (where field = 'hazard') as hazard,
    max(value_date) filter (where field = 'completed_on') as completed_date,
    max(value_number) filter (where field = 'cost_dkk') as cost_dkk,
    max(value_number) filter (where field = 'retention_m3') as retention_m3,
    max(value_number) filter (where field = 'buildings_protected') as buildings_protected,
    max(value_number) filter (where field = 'damage_before_dkk') as damage_before_dkk,
    max(value_number) filter (where field = 'damage_after_dkk') as damage_after_dkk,
    max(value_text) filter (where field = 'damage_basis') as damage_basis,
    max(value_text) filter (where field = 'evidence') as evidence
from cells
group by all
