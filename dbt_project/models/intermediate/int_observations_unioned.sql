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
)

select
    *,
    source_id || '@' || release_id || '#' || row_key as input_ref
from observations
