-- Statuses and periods read it.
{{ config(materialized='table') }}
with parts as (
    select * from {{ ref('int_requirement_parts_judged') }}
),

membership_statuses as (
    select * from {{ ref('membership_statuses') }}
),

choices as (
    select * from {{ ref('reporting_choices') }}
    where list_id = 'membership_statuses'
),

-- The part that is worst off decides.
deciding as (
    select *
    from parts
    qualify
        row_number() over (
            partition by municipality_code, requirement, year, judged_date
            order by severity_rank, part
        ) = 1
),

totals as (
    select
        municipality_code,
        requirement,
        year,
        judged_date,
        count(part_name_da) as parts_count,
        count(*) filter (where status = 'met') as parts_met_count,
        cast(sum(evidence_count) as bigint) as evidence_count,
        bool_or(is_example) as is_example,
        {{ joined_text("part_name_da || ': ' || lower(status_name_da)", '; ') }} as parts_da
    from parts
    group by municipality_code, requirement, year, judged_date
)

select
    deciding.municipality_code,
    deciding.requirement,
    deciding.year,
    deciding.judged_date,
    deciding.as_of_date,
    deciding.status,
    deciding.status_name_da,
    deciding.status_name_en,
    deciding.decided_by,
    deciding.reason_code,
    deciding.reason_da,
    deciding.reason_en,
    deciding.membership_status,
    choices.label_da as membership_status_name_da,
    choices.label_en as membership_status_name_en,
    deciding.rule_version,
    deciding.due_date,
    deciding.grace_until_date,
    deciding.reply_until_date,
    deciding.is_registered_deadline,
    deciding.rule_status_da,
    deciding.rule_status_en,
    deciding.waiver_expires_date,
    deciding.waiver_evidence,
    deciding.waiver_source_ref,
    deciding.reply_received_date,
    deciding.reply_remark_da,
    deciding.reply_source_ref,
    totals.parts_count,
    totals.parts_met_count,
    totals.parts_da,
    totals.evidence_count,
    totals.is_example,
    coalesce(membership_statuses.is_confirmed, false) as is_membership_confirmed
from deciding
inner join totals
    on
        deciding.municipality_code = totals.municipality_code
        and deciding.requirement = totals.requirement
        and deciding.year = totals.year
        and deciding.judged_date = totals.judged_date
left join membership_statuses on deciding.membership_status = membership_statuses.status
left join choices on deciding.membership_status = choices.code
