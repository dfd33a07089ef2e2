-- Judged on every date, and published.
{{ config(materialized='table') }}
with rules as (
    select * from {{ ref('int_requirement_rules_dated') }}
),

evidence as (
    select * from {{ ref('int_requirement_evidence_unioned') }}
)

select
    evidence.municipality_code,
    rules.requirement,
    rules.part,
    rules.rule_version,
    rules.year,
    evidence.source_ref,
    evidence.evidence_kind,
    evidence.evidence_value,
    evidence.from_date,
    evidence.to_date,
    evidence.what_da,
    evidence.evidence,
    evidence.is_example,
    rules.period = 'in_force' as is_period,
    rules.period = 'year' and evidence.from_date > rules.grace_until_date as is_late,
    rules.accepted_values is null
    or coalesce(
        '|' || rules.accepted_values || '|' like '%|' || evidence.evidence_value || '|%', false
    ) as is_accepted
from rules
inner join evidence
    on
        rules.evidence_kind = evidence.evidence_kind
        and (
            (rules.period = 'year' and rules.year = evidence.evidence_year)
            or (
                rules.period = 'in_force'
                and rules.end_date >= evidence.from_date
                and coalesce(evidence.to_date, rules.end_date) >= rules.start_date
            )
        )
