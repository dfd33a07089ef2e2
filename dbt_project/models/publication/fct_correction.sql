with corrections as (
    select * from {{ ref('int_corrections_judged') }}
),

states as (
    select * from {{ ref('correction_states') }}
)

select
    corrections.correction_id,
    corrections.source_id,
    corrections.dataset,
    corrections.provider_code,
    corrections.municipality_code,
    corrections.year,
    corrections.expected_value,
    corrections.found_value,
    corrections.corrected_value,
    corrections.unit,
    corrections.state,
    states.name_da as state_da,
    states.name_en as state_en,
    corrections.reason_da,
    corrections.reported_by,
    corrections.reported_on as reported_date,
    corrections.status as provider_status,
    corrections.evidence,
    corrections.input_ref as source_ref
from corrections
inner join states on corrections.state = states.state
order by corrections.correction_id
