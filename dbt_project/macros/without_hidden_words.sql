{#- A finding's text with … in place of what is not published; where that is too short to be told
    from the words around it, or there is more of it than one place, what to do stands instead. -#}
{% macro without_hidden_words(text, help) -%}
    case
        when is_key_in_text or length(hidden_found) < 4 or length(hidden_sheet) < 4 then {{ help }}
        else
            replace(
                replace({{ text }}, coalesce(hidden_found, '…'), '…'),
                coalesce(hidden_sheet, '…'),
                '…'
            )
    end
{%- endmacro %}
