with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'heat_plants'
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
    max(cell) filter (where field = 'plant_id') as cell,
    max(source_ref) filter (where field = 'plant_id') as source_ref,
    max(value_text) filter (where field = 'plant_id') as plant_id,
    max(value_text) filter (where field = 'name') as plant_name,
    max(value_text) filter (where field = 'fuel') as fuel,
    max(value_number) filter (where field = 'fuel_mwh') as fuel_mwh,
    max(value_number) filter (where field = 'heat_mwh') as heat_mwh,
    max(value_number) filter (where field = 'power_mwh') as power_mwh,
    max(value_number) filter (where field = 'factor') as factor_tco2_per_mwh,
    max(value_text) filter (where field = 'evidence') as evidence
from cells
group by all
