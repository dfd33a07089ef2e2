{#- What a breach is, with the place and the numbers in place of the words in braces, and what the
    register may lack. -#}
{% macro breach_text(language) -%}
    replace(
        replace(
            replace(breach_{{ language }}, '{place}', place_{{ language }}),
            '{observed}',
            cast(observed_number as string)
        ),
        '{expected}',
        cast(expected_number as string)
    ) || case
        when may_be_incomplete then ' ' || incomplete_{{ language }}
        else ''
    end
{%- endmacro %}
