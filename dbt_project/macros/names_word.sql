{#- Whether a text holds a key as a word of its own, in any case: `a_b` is not in `a_b_c`. -#}
{% macro names_word(text, key) -%}
    {{ return(adapter.dispatch('names_word', 'klimamonitor')(text, key)) }}
{%- endmacro %}

{% macro default__names_word(text, key) -%}
    regexp_matches(
        lower({{ text }}),
        '(^|[^\p{L}\p{N}_.|])' || lower({{ key }}) || '($|[^\p{L}\p{N}_.|]|\.($|[^\p{L}\p{N}_]))'
    )
{%- endmacro %}

{% macro spark__names_word(text, key) -%}
    regexp_like(
        lower({{ text }}),
        '(^|[^\\p{L}\\p{N}_.|])' || lower({{ key }}) || '($|[^\\p{L}\\p{N}_.|]|\\.($|[^\\p{L}\\p{N}_]))'
    )
{%- endmacro %}
