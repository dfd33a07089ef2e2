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

{#- What only submitted figures have, with the type of its column. -#}
{%- set details = {
    'explanation': 'string', 'evidence_rank': 'integer', 'grade_activity': 'string',
    'grade_factor': 'string', 'gwp_set': 'string', 'supersedes': 'string', 'is_example': 'boolean',
} %}

with observations as (
    {% for part in ['emission', 'transport', 'energy', 'context'] -%}
        select
            {{ columns }},
            {% for name, kind in details.items() -%}
                cast(null as {{ kind }}) as {{ name }},
            {% endfor -%}
            'public' as origin_class
        from {{ ref('int_' ~ part ~ '_observations_unioned') }}
        union all
    {% endfor -%}
    select
        {{ columns }},
        {% for name in details -%}
            {{ name }},
        {% endfor -%}
        'submitted' as origin_class
    from {{ ref('int_submission_observations_unioned') }}
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
