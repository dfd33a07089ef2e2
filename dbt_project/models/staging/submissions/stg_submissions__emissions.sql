with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'emissions'
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
    max(cell) filter (where field = 'value') as cell,
    max(source_ref) filter (where field = 'value') as source_ref,
    max(value_number) filter (where field = 'value') as emission_tco2e,
    max(notation_key) filter (where field = 'value') as notation_key,
    max(value_text) filter (where field = 'explanation') as notation_explanation,
    max(value_text) filter (where field = 'gwp_set') as gwp_set,
    max(value_text) filter (where field = 'grade_activity') as grade_activity,
    max(value_text) filter (where field = 'grade_factor') as grade_factor,
    max(value_text) filter (where field = 'evidence_class') as evidence_code
from cells
group by all
