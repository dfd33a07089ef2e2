{#- Primary and foreign keys of every published table, as its yml states them: meta.key, and
    meta.references with the names of tables whose key these columns hold, or, where the columns
    are called something else, with `to` and `columns`. -#}
{% macro table_keys() %}
    {%- set tables = {} -%}
    {#- While the project is parsed, the tables are not all known. -#}
    {%- set nodes = graph.nodes.values() if execute else [model] -%}
    {%- for node in nodes if node.resource_type == 'model' and 'publication' in node.fqn -%}
        {%- do tables.update({node.name: node.config.meta}) -%}
    {%- endfor -%}
    {%- set rows = [] -%}
    {%- for name, meta in tables.items() | sort -%}
        {%- do rows.append((name, 'primary', meta.key, none, none)) -%}
        {%- for reference in meta.get('references', []) -%}
            {%- set target = reference if reference is string else reference.to -%}
            {%- set columns = tables[target].key if reference is string else reference.columns -%}
            {%- do rows.append((name, 'foreign', columns, target, tables[target].key)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name, kind, columns, target, target_columns in rows %}
    select
        '{{ name }}' as table_name,
        '{{ kind }}' as kind,
        '{{ columns | join(', ') }}' as column_names,
        {{ "'" ~ target ~ "'" if target else 'cast(null as varchar)' }} as references_table,
        {{ "'" ~ target_columns | join(', ') ~ "'" if target else 'cast(null as varchar)' }}
            as references_columns
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}
