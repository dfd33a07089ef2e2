with computed as (
    select * from {{ ref('int_indicator_values_computed') }}
),

evidence_classes as (
    select * from {{ ref('evidence_classes') }}
)

select
    computed.municipality_code,
    computed.indicator_id,
    computed.definition_version,
    computed.boundary,
    computed.year,
    computed.origin,
    computed.unit,
    computed.value,
    computed.reason_code,
    computed.reason_da,
    computed.reason_en,
    computed.is_complete,
    computed.gwp_set,
    computed.grade_activity,
    computed.grade_factor,
    computed.source_ref,
    computed.is_example,
    computed.is_shown,
    computed.evidence_class,
    evidence_classes.is_observed
from computed
inner join evidence_classes on computed.evidence_class = evidence_classes.evidence_class
