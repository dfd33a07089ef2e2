{#- Rounding as statistics does it: a half goes to the even neighbour. -#}
{% macro rounded_half_even(number) -%}
    {{ return(adapter.dispatch('rounded_half_even', 'klimamonitor')(number)) }}
{%- endmacro %}

{% macro default__rounded_half_even(number) -%}
    cast(round_even({{ number }}, 0) as integer)
{%- endmacro %}

{% macro spark__rounded_half_even(number) -%}
    cast(bround({{ number }}, 0) as integer)
{%- endmacro %}
