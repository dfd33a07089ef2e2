with computed as (
    select * from {{ ref('int_indicator_values_computed') }}
),

quality as (
    select * from {{ ref('int_data_quality_scored') }}
)

select
    computed.municipality_code,
    computed.indicator_id,
    computed.definition_version,
    computed.boundary,
    computed.year,
    computed.origin,
    computed.value,
    computed.notation_key,
    computed.reason_code,
    computed.reason_da as notation_explanation,
    computed.numerator,
    computed.denominator,
    computed.unit,
    computed.is_complete,
    computed.source_id,
    computed.source_ref,
    computed.recorded_at,
    computed.evidence_class,
    computed.grade_activity,
    computed.grade_factor,
    quality.grade,
    quality.data_quality_score,
    computed.gwp_set,
    computed.supersedes,
    computed.is_example,
    coalesce(instr(computed.source_ref, '!corrected:') > 0, false) as is_corrected
from computed
left join quality
    on
        computed.municipality_code = quality.municipality_code
        and computed.indicator_id = quality.indicator_id
        and computed.year = quality.year
        and computed.origin = quality.origin
order by
    computed.municipality_code, computed.indicator_id, computed.year, computed.origin
