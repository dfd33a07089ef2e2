{#- Where a date of each register is looked for, and what it is a date of. -#}
{% set registers = {
    'int_requirement_rules_dated': [
        ['requirement', 'year'],
        ['valid_from_date', 'valid_to_date + 1', 'due_date + 1', 'grace_until_date + 1',
            'reply_until_date + 1'],
    ],
    'int_requirement_evidence_matched': [
        ['municipality_code', 'requirement', 'year'],
        ['from_date', 'to_date + 1'],
    ],
    'int_memberships_unioned': [['municipality_code'], ['valid_from_date', 'valid_to_date + 1']],
    'int_waivers_unioned': [['municipality_code', 'requirement'], ['valid_from', 'expires_on + 1']],
    'int_requirement_remarks_selected': [
        ['municipality_code', 'requirement', 'year'],
        ['received_on'],
    ],
} -%}
with requirement_years as (
    select * from {{ ref('int_requirement_years_spined') }}
),

changes as (
    select
        municipality_code,
        requirement,
        year,
        start_date as change_date
    from requirement_years
    union all
    select
        municipality_code,
        requirement,
        year,
        as_of_date as change_date
    from requirement_years
    {%- for register, (keys, dates) in registers.items() %}
        {%- for change_date in dates %}
            union all
            select
                requirement_years.municipality_code,
                requirement_years.requirement,
                requirement_years.year,
                register.{{ change_date }} as change_date
            from requirement_years
            inner join {{ ref(register) }} as register
                on
                    {% for key in keys -%}
                        {{ 'and ' if not loop.first }}requirement_years.{{ key }}
                        = register.{{ key }}
                    {% endfor %}
        {%- endfor %}
    {%- endfor %}
)

select distinct
    changes.municipality_code,
    changes.requirement,
    changes.year,
    changes.change_date as judged_date,
    requirement_years.as_of_date,
    -- What must be in force is looked at on the last day of a year that is over.
    least(changes.change_date, requirement_years.end_date) as reference_date
from changes
inner join requirement_years
    on
        changes.municipality_code = requirement_years.municipality_code
        and changes.requirement = requirement_years.requirement
        and changes.year = requirement_years.year
where changes.change_date >= requirement_years.start_date
