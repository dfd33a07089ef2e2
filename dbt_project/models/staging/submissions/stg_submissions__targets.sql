with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'targets'
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
    cast(max(value_number) filter (where field = 'base_year') as integer) as base_year,
    cast(max(value_number) filter (where field = 'target_year') as integer) as target_year,
    max(cell) filter (where field = 'target_id') as cell,
    max(source_ref) filter (where field = 'target_id') as source_ref,
    max(value_text) filter (where field = 'target_id') as target_id,
    max(value_text) filter (where field = 'boundary') as boundary,
    max(value_text) filter (where field = 'kind') as kind,
    max(value_number) filter (where field = 'value') as target_value,
    max(value_number) filter (where field = 'base_value') as base_value_tco2e,
    max(value_text) filter (where field = 'adopted_by') as adopted_by,
    max(value_date) filter (where field = 'adopted_on') as adopted_date,
    max(value_text) filter (where field = 'replaces') as replaces_target_id,
    max(value_text) filter (where field = 'evidence') as evidence
from cells
group by all
