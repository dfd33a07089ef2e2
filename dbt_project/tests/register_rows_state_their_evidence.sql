-- Every row of every register says how it is known and when it was written.
{% set registers = {
    'int_memberships_unioned': 'evidence_da',
    'int_declarations_unioned': 'evidence_da',
    'int_waivers_unioned': 'evidence',
    'int_reporting_deadlines_unioned': 'evidence',
    'int_reply_remarks_unioned': 'evidence',
    'int_meetings_unioned': 'evidence_da',
    'int_steering_seats_unioned': 'evidence_da',
} %}

{% for register, evidence in registers.items() -%}
    {{ 'union all' if not loop.first }}
    select
        source_ref,
        'A row of a register has no evidence or no date.' as message
    from {{ ref(register) }}
    where {{ evidence }} is null or recorded_on is null
{% endfor %}
