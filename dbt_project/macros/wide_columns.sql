{#- One column for each indicator of the wide tables, from rows with its value. -#}
{% macro pivoted_values(is_panel=false) -%}
    {%- for column in indicator_columns(is_panel) -%}
        {{ ', ' if not loop.first -}}
        cast(
            max(value) filter (where indicator_id = '{{ column[0] }}')
            as {{ column[2] if column | length > 2 else 'double' }}
        ) as {{ column[1] }}
    {%- endfor -%}
{%- endmacro %}

{#- Whose the shown emission is, for each that can be of two origins. -#}
{% macro pivoted_origins() -%}
    {%- for indicator in indicators_of_two_origins() -%}
        {{ ', ' if not loop.first -}}
        max(origin) filter (where indicator_id = '{{ indicator }}' and value is not null)
            as {{ indicator }}_tco2e_origin
    {%- endfor -%}
{%- endmacro %}

{#- The same columns, by name, of a relation that has them. -#}
{% macro indicator_names(relation, is_panel=false) -%}
    {%- set names = [] -%}
    {%- for column in indicator_columns(is_panel) -%}
        {%- do names.append(relation ~ '.' ~ column[1]) -%}
    {%- endfor -%}
    {%- for indicator in indicators_of_two_origins() if not is_panel -%}
        {%- do names.append(relation ~ '.' ~ indicator ~ '_tco2e_origin') -%}
    {%- endfor -%}
    {{ names | join(', ') }}
{%- endmacro %}

{#- How many figures the wide tables hold. -#}
{% macro counted_figures(is_panel=false) -%}
    {%- for column in indicator_columns(is_panel) -%}
        {{ ' + ' if not loop.first }}count({{ column[1] }})
    {%- endfor -%}
{%- endmacro %}
