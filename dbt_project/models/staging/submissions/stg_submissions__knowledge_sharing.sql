with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'knowledge_sharing'
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
    max(cell) filter (where field = 'level') as cell,
    max(source_ref) filter (where field = 'level') as source_ref,
    max(value_text) filter (where field = 'level') as sharing_level,
    max(value_date) filter (where field = 'shared_on') as shared_date,
    max(value_text) filter (where field = 'title') as title,
    max(value_text) filter (where field = 'with_whom') as with_whom,
    max(value_text) filter (where field = 'evidence') as evidence
from cells
group by all
