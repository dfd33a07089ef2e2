with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'damage_points'
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
    max(value_number) filter (where field = 'return_period_years') as return_period_years,
    max(value_number) filter (where field = 'damage_before_dkk') as damage_before_dkk,
    max(value_number) filter (where field = 'damage_after_dkk') as damage_after_dkk
from cells
group by all
