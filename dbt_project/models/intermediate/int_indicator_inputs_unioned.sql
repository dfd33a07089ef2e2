{{ config(materialized='table') }}

{%- set columns -%}
    municipality_code,
        year,
        value,
        missing,
        source_id,
        release_id,
        row_key,
        recorded_at,
        dataset,
        provider_code
{%- endset %}

with emissions as (
    select * from {{ ref('int_emission_observations_unioned') }}
),

transport as (
    select * from {{ ref('int_transport_observations_unioned') }}
),

energy as (
    select * from {{ ref('int_energy_observations_unioned') }}
),

context as (
    select * from {{ ref('int_context_observations_unioned') }}
),

indicator_inputs as (
    select * from {{ ref('indicator_inputs') }}
),

observations as (
    select
        {{ columns }}
    from emissions
    union all
    select
        {{ columns }}
    from transport
    union all
    select
        {{ columns }}
    from energy
    union all
    select
        {{ columns }}
    from context
)

select
    observations.municipality_code,
    indicator_inputs.indicator_id,
    observations.year,
    indicator_inputs.role,
    observations.value,
    observations.missing,
    observations.source_id,
    observations.release_id,
    observations.row_key,
    observations.recorded_at,
    indicator_inputs.role = 'denominator' as is_denominator,
    observations.source_id || '@' || observations.release_id || '#' || observations.row_key
        as input_ref
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
