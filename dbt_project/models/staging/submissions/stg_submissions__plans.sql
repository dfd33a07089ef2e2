with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'plans'
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
    max(cell) filter (where field = 'plan_id') as cell,
    max(source_ref) filter (where field = 'plan_id') as source_ref,
    max(value_text) filter (where field = 'plan_id') as plan_id,
    max(value_text) filter (where field = 'title') as title,
    max(value_date) filter (where field = 'approved_on') as approved_date,
    max(value_text) filter (where field = 'approved_by') as approved_by,
    max(value_date) filter (where field = 'valid_until') as valid_to_date,
    max(value_text) filter (where field = 'evidence') as evidence
from cells
group by all
