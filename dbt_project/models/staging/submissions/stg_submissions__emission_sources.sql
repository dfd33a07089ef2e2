with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'emission_sources'
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
    max(value_text) filter (where field = 'boundary') as boundary,
    max(value_text) filter (where field = 'gpc_reference') as gpc_reference,
    max(value_text) filter (where field = 'source_name') as source_name,
    max(value_text) filter (where field = 'note') as note,
    max(value_number) filter (where field = 'value') as emission_tco2e,
    max(notation_key) filter (where field = 'value') as notation_key,
    max(value_text) filter (where field = 'explanation') as notation_explanation,
    max(value_text) filter (where field = 'gwp_set') as gwp_set,
    max(value_text) filter (where field = 'grade_activity') as grade_activity,
    max(value_text) filter (where field = 'grade_factor') as grade_factor,
    max(value_number) filter (where field = 'co2_t') as co2_t,
    max(value_number) filter (where field = 'ch4_t') as ch4_t,
    max(value_number) filter (where field = 'n2o_t') as n2o_t
from cells
group by all
