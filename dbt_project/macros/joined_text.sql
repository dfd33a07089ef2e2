{#- The texts of a group in one string, in the texts' own order; dbt knows each engine's words. -#}
{% macro joined_text(text, separator) -%}
    {{ dbt.listagg(text, "'" ~ separator ~ "'", 'order by ' ~ text) }}
{%- endmacro %}
