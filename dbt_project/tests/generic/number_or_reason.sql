{#- A cell is a number or has a reason, never both and never neither. -#}
{% test number_or_reason(model, value, reason) %}
    select
        *,
        'Exactly one of {{ value }} and {{ reason }} must be filled.' as message
    from {{ model }}
    where ({{ value }} is null) = ({{ reason }} is null)
{% endtest %}
