{#- Fails on a key that is empty in part or stands twice; every model has this test. -#}
{% test unique_combination(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count,
        'The key ({{ columns | join(', ') }}) must be filled and stand once.' as message
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1 or {{ columns | join(' is null or ') }} is null
{% endtest %}
