with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'partnerships'
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
    max(cell) filter (where field = 'cvr') as cell,
    max(source_ref) filter (where field = 'cvr') as source_ref,
    max(value_text) filter (where field = 'cvr') as cvr,
    max(value_text) filter (where field = 'agreement_id') as agreement_id,
    max(value_text) filter (where field = 'business_name') as business_name,
    max(value_date) filter (where field = 'from_on') as valid_from_date,
    max(value_date) filter (where field = 'to_on') as valid_to_date,
    max(value_number) filter (where field = 'saved_mwh') as saved_mwh,
    max(value_text) filter (where field = 'note') as note
from cells
group by all
