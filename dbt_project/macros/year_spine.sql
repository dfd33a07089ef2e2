{#- One row per year, both ends included; the engines generate rows in different words. -#}
{% macro year_spine(first_year, last_year) -%}
    {{ return(adapter.dispatch('year_spine', 'klimamonitor')(first_year, last_year)) }}
{%- endmacro %}

{% macro default__year_spine(first_year, last_year) -%}
    select cast(years.year as integer) as year
    from generate_series({{ first_year }}, {{ last_year }}) as years (year)
{%- endmacro %}

{% macro spark__year_spine(first_year, last_year) -%}
    select explode(sequence({{ first_year }}, {{ last_year }})) as year
{%- endmacro %}
