{#- A text without mail addresses: people write them into free text, and none may be published. -#}
{% macro without_mail_addresses(text) -%}
    {{ return(adapter.dispatch('without_mail_addresses', 'klimamonitor')(text)) }}
{%- endmacro %}

{% macro default__without_mail_addresses(text) -%}
    regexp_replace({{ text }}, '[^\s@<>]+@[^\s@<>]+', '…', 'g')
{%- endmacro %}

{% macro spark__without_mail_addresses(text) -%}
    regexp_replace({{ text }}, '[^\\s@<>]+@[^\\s@<>]+', '…')
{%- endmacro %}
