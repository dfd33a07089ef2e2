with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'participations'
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
    max(cell) filter (where field = 'kind') as cell,
    max(source_ref) filter (where field = 'kind') as source_ref,
    max(value_text) filter (where field = 'kind') as kind,
    max(value_date) filter (where field = 'held_on') as held_date,
    max(value_text) filter (where field = 'role') as highest_role,
    max(value_text) filter (where field = 'contribution') as contribution,
    max(value_text) filter (where field = 'evidence') as evidence
from cells
group by all
