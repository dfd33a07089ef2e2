-- Whoever is named in a published table is a municipality; only whole-alliance registers and files
-- that do not say whose they are name none.
{% set tables = [
    'fct_action_plan', 'fct_target', 'fct_action', 'fct_adaptation_project', 'fct_partnership',
    'fct_participation', 'fct_declaration_signature', 'fct_knowledge_sharing',
    'fct_emission_source', 'fct_heat_plant', 'fct_damage_point',
    'fct_submission', 'fct_membership',
] %}

with municipalities as (
    select * from {{ ref('dim_municipality') }}
),

named as (
    {% for table in tables -%}
        {{ 'union all' if not loop.first }}
        select
            '{{ table }}' as table_name,
            municipality_code,
            source_ref
        from {{ ref(table) }}
    {% endfor %}
)

select
    named.table_name,
    named.source_ref,
    'There is no such municipality.' as message
from named
left join municipalities on named.municipality_code = municipalities.municipality_code
where named.municipality_code is not null and municipalities.municipality_code is null
