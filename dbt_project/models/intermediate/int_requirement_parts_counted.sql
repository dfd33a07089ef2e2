with dates as (
    select * from {{ ref('int_requirement_dates_described') }}
),

rules as (
    select * from {{ ref('int_requirement_rules_dated') }}
),

evidence as (
    select * from {{ ref('int_requirement_evidence_matched') }}
)

select
    dates.municipality_code,
    dates.requirement,
    dates.year,
    dates.judged_date,
    dates.as_of_date,
    dates.rule_version,
    dates.valid_versions_count,
    dates.membership_status,
    dates.waiver_expires_date,
    dates.waiver_reason_da,
    dates.waiver_evidence,
    dates.waiver_source_ref,
    dates.reply_received_date,
    dates.reply_remark_da,
    dates.reply_source_ref,
    rules.part_name_da,
    rules.part_name_en,
    rules.bound_statuses,
    rules.min_count,
    rules.due_date,
    rules.grace_until_date,
    rules.reply_until_date,
    rules.is_registered_deadline,
    rules.status_da as rule_status_da,
    rules.status_en as rule_status_en,
    coalesce(rules.part, 'none') as part,
    count(evidence.source_ref) as offered_count,
    count(*) filter (where evidence.is_accepted and evidence.is_late) as late_count,
    count(*) filter (where evidence.is_accepted and not evidence.is_late) as evidence_count,
    bool_or(dates.is_example)
    or coalesce(bool_or(evidence.is_example and evidence.is_accepted), false) as is_example
from dates
left join rules
    on
        dates.requirement = rules.requirement
        and dates.year = rules.year
        and dates.rule_version = rules.rule_version
        and dates.reference_date >= rules.valid_from_date
        and dates.reference_date <= coalesce(rules.valid_to_date, dates.reference_date)
-- Evidence is known from its own date on; what must be in force is so on the reference date.
left join evidence
    on
        dates.municipality_code = evidence.municipality_code
        and dates.requirement = evidence.requirement
        and dates.year = evidence.year
        and dates.rule_version = evidence.rule_version
        and rules.part = evidence.part
        and dates.judged_date >= evidence.from_date
        and (
            not evidence.is_period
            or (
                dates.reference_date >= evidence.from_date
                and dates.reference_date <= coalesce(evidence.to_date, dates.reference_date)
            )
        )
group by all
