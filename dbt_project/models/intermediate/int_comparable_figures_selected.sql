{{ config(materialized='table') }}

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
    computed.value,
    computed.is_complete,
    computed.gwp_set,
    computed.grade_activity,
    computed.grade_factor,
    computed.is_example,
    computed.is_shown,
    evidence_classes.is_observed
from computed
inner join evidence_classes on computed.evidence_class = evidence_classes.evidence_class
where computed.value is not null
