-- Every code in a published table is one of its register: it has a Danish name beside it.
{% set codes = {
    'fct_action_plan': ['approved_by'],
    'fct_target': ['boundary', 'kind', 'adopted_by'],
    'fct_action': ['sector', 'status'],
    'fct_adaptation_project': ['hazard', 'damage_basis'],
    'fct_participation': ['kind', 'highest_role'],
    'fct_knowledge_sharing': ['sharing_level'],
    'fct_emission_source': ['boundary'],
    'fct_submission': ['status', 'door'],
    'fct_submission_finding': ['severity'],
    'fct_membership': ['status'],
    'dim_declaration': ['level'],
} %}

{% for table, columns in codes.items() -%}
    {{ 'union all' if not loop.first }}
    select
        '{{ table }}' as table_name,
        source_ref,
        'A code is not one of its register.' as message
    from {{ ref(table) }}
    where
        {% for column in columns -%}
            {{ 'or' if not loop.first }} {{ column }} is not null
            and {{ column }}_name_da is null
        {% endfor %}
{% endfor %}
union all
select
    'fct_declaration_signature' as table_name,
    source_ref,
    'There is no such declaration.' as message
from {{ ref('fct_declaration_signature') }}
where declaration_name_da is null
