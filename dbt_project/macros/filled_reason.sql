{#- A reason's text with the figures that led to it. -#}
{% macro filled_reason(text, row) -%}
    replace(
        replace(
            replace(
                {{ text }},
                '{denominator_name_da}', coalesce({{ row }}.denominator_name_da, '')
            ),
            '{denominator}', coalesce(cast(cast({{ row }}.known_denominator as bigint) as varchar), '')
        ),
        '{min_denominator}', coalesce(cast(cast({{ row }}.min_denominator as bigint) as varchar), '')
    )
{%- endmacro %}
