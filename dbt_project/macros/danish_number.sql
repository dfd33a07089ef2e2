{#- A number as Danish readers write it: 1.234,5; with a sign where `signed`. -#}
{% macro danish_number(number, decimals, signed=false) %}
    {{- return(adapter.dispatch('danish_number')(number, decimals, signed)) -}}
{% endmacro %}

{% macro default__danish_number(number, decimals, signed) %}
    translate(
        format('{{ '{:+,.{}f}' if signed else '{:,.{}f}' }}', {{ number }}, {{ decimals }}),
        ',.',
        '.,'
    )
{% endmacro %}
