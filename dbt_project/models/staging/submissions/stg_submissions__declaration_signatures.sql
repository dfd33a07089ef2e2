with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'declaration_signatures'
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
    max(cell) filter (where field = 'declaration_id') as cell,
    max(source_ref) filter (where field = 'declaration_id') as source_ref,
    max(value_text) filter (where field = 'declaration_id') as declaration_id,
    max(value_date) filter (where field = 'signed_on') as signed_date,
    max(value_date) filter (where field = 'withdrawn_on') as withdrawn_date,
    max(value_text) filter (where field = 'evidence') as evidence
from cells
group by all
