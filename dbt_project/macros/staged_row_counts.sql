{#- Rows that the staging model of each public source reads; a new source is one by itself. -#}
{% macro staged_row_counts() -%}
    {%- set counts = ["select '' as source_id, 0 as staged_rows"] -%}
    {%- for node in (graph.nodes.values() if execute else []) -%}
        {%- for name in (node.depends_on.nodes if node.fqn[1] == 'staging' else []) -%}
            {%- set source = graph.sources.get(name) -%}
            {%- if source and source.source_name != 'control' and node.fqn[2] != 'submissions' -%}
                {%- do counts.append(
                    "select '" ~ source.identifier ~ "', count(*) from " ~ node.relation_name
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ counts | join(' union all ') }}
{%- endmacro %}
