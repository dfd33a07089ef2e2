{#- A reason's text with the figures that led to it in place of the words in braces. -#}
{% macro filled_reason(text, row) -%}
    {%- set figures = {
        'denominator_name_da': row ~ '.denominator_name_da',
        'denominator': 'cast(cast(' ~ row ~ '.known_denominator as bigint) as string)',
        'min_denominator': 'cast(cast(' ~ row ~ '.min_denominator as bigint) as string)',
        'explanation': row ~ '.explanation',
    } -%}
    {%- set filled = namespace(text=text) -%}
    {%- for name, figure in figures.items() -%}
        {%- set filled.text =
            "replace(" ~ filled.text ~ ", '{" ~ name ~ "}', coalesce(" ~ figure ~ ", ''))" -%}
    {%- endfor -%}
    {{ filled.text }}
{%- endmacro %}
