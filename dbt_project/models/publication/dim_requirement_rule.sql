with rules as (
    select * from {{ ref('requirement_rules') }}
),

requirements as (
    select * from {{ ref('requirements') }}
)

select
    rules.requirement,
    rules.part,
    rules.rule_version,
    requirements.name_da as requirement_name_da,
    requirements.name_en as requirement_name_en,
    rules.part_name_da,
    rules.part_name_en,
    rules.valid_from_date,
    rules.valid_to_date,
    rules.text_da,
    rules.text_en,
    rules.status_da,
    rules.status_en,
    requirements.clause_da,
    rules.period,
    rules.evidence_kind,
    rules.accepted_values,
    rules.bound_statuses,
    rules.min_count,
    rules.due_month_day,
    rules.due_years_after,
    rules.grace_days,
    rules.reply_days,
    rules.source
from rules
inner join requirements on rules.requirement = requirements.requirement
order by rules.requirement, rules.part, rules.rule_version
