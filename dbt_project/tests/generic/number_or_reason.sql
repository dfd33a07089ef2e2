{#- A cell is a number or has its reasons, never both and never neither. -#}
{% test number_or_reason(model, value, reasons) %}
    select
        *,
        'Either {{ value }} or {{ reasons | join(' and ') }} must be filled.' as message
    from {{ model }}
    where
        ({{ value }} is null) = ({{ reasons | join(' is null) or (' ~ value ~ ' is null) = (') }} is null)
{% endtest %}
