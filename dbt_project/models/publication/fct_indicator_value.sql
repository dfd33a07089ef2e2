with computed as (
    select * from {{ ref('int_indicator_values_computed') }}
)

select
    municipality_code,
    indicator_id,
    definition_version,
    boundary,
    year,
    origin,
    value,
    notation_key,
    reason_code,
    reason_da as notation_explanation,
    numerator,
    denominator,
    unit,
    is_complete,
    source_id,
    source_ref,
    recorded_at,
    evidence_class,
    grade_activity,
    grade_factor,
    gwp_set,
    supersedes,
    is_example
from computed
order by municipality_code, indicator_id, year, origin
