with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'actions'
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
    cast(max(value_number) filter (where field = 'full_effect_year') as integer)
        as full_effect_year,
    max(cell) filter (where field = 'action_id') as cell,
    max(source_ref) filter (where field = 'action_id') as source_ref,
    max(value_text) filter (where field = 'action_id') as action_id,
    max(value_text) filter (where field = 'title') as title,
    max(value_text) filter (where field = 'sector') as sector,
    max(value_text) filter (where field = 'owner_unit') as owner_unit,
    max(value_date) filter (where field = 'start_on') as start_date,
    max(value_date) filter (where field = 'end_on') as end_date,
    max(value_text) filter (where field = 'status') as status,
    max(value_number) filter (where field = 'finance_dkk') as finance_dkk,
    max(value_number) filter (where field = 'expected_effect_tco2e') as expected_effect_tco2e,
    max(value_number) filter (where field = 'realised_effect_tco2e') as realised_effect_tco2e,
    max(value_text) filter (where field = 'evidence') as evidence
from cells
group by all
