{{ config(materialized='table') }}

with computed as (
    select * from {{ ref('int_indicator_values_computed') }}
)

select
    municipality_code,
    indicator_id,
    boundary,
    year,
    unit,
    value,
    evidence_class,
    is_complete,
    source_ref,
    is_example,
    is_complete and evidence_class not in ('carried forward', 'modelled') as is_observed
from computed
where is_shown and value is not null and substr(indicator_id, 1, 4) = 'ghg_'
