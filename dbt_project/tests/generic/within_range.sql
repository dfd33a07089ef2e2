{#- Fails on a number outside its bounds; either bound is a number or a column, or left out. -#}
{% test within_range(model, column_name, minimum=none, maximum=none) %}
    select
        *,
        '{{ column_name }} must lie from {{ minimum }} to {{ maximum }}.' as message
    from {{ model }}
    where
        false
        {%- if minimum is not none %}
        or {{ column_name }} < {{ minimum }}
        {%- endif %}
        {%- if maximum is not none %}
        or {{ column_name }} > {{ maximum }}
        {%- endif %}
{% endtest %}
