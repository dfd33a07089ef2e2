{{ config(materialized='table') }}

{#- What only submitted figures have. -#}
{%- set details = [
    'explanation', 'evidence_rank', 'grade_activity', 'grade_factor', 'gwp_set', 'supersedes',
    'is_example',
] %}

with observations as (
    select * from {{ ref('int_observations_corrected') }}
),

indicator_inputs as (
    select * from {{ ref('int_indicator_inputs_mapped') }}
)

select
    observations.municipality_code,
    indicator_inputs.indicator_id,
    observations.year,
    observations.origin_class,
    indicator_inputs.role,
    observations.value,
    observations.missing,
    observations.source_id,
    observations.release_id,
    observations.row_key,
    observations.recorded_at,
    {% for name in details -%}
        observations.{{ name }},
    {% endfor -%}
    observations.input_ref,
    indicator_inputs.role = 'denominator' as is_denominator
from observations
inner join indicator_inputs
    on
        observations.dataset = indicator_inputs.dataset
        and observations.provider_code = indicator_inputs.provider_code
-- Sums of decimals depend on the order in which they are added up.
order by
    observations.municipality_code,
    indicator_inputs.indicator_id,
    observations.year,
    indicator_inputs.role,
    observations.row_key
