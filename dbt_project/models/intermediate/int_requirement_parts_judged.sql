-- The one function of every date; statuses, parts and periods read it.
{{ config(materialized='table') }}
with parts as (
    select * from {{ ref('int_requirement_parts_counted') }}
),

reasons as (
    select * from {{ ref('requirement_reasons') }}
),

coded as (
    select
        parts.*,
        case
            when parts.membership_status is null then 'not_member'
            when parts.bound_statuses is null then 'rule_missing'
            when '|' || parts.bound_statuses || '|' not like '%|' || parts.membership_status || '|%'
                then 'membership_not_counted'
            when parts.evidence_count >= parts.min_count then 'evidence_found'
            when parts.waiver_expires_date is not null then 'waived'
            when parts.judged_date <= parts.due_date then 'before_deadline'
            when parts.judged_date <= parts.grace_until_date then 'in_grace'
            when parts.judged_date <= parts.reply_until_date then 'reply_open'
            when parts.evidence_count + parts.late_count >= parts.min_count then 'evidence_late'
            when parts.offered_count > 0 then 'evidence_insufficient'
            else 'evidence_missing'
        end as reason_code
    from parts
)

select
    coded.municipality_code,
    coded.requirement,
    coded.year,
    coded.judged_date,
    coded.as_of_date,
    coded.rule_version,
    coded.valid_versions_count,
    coded.membership_status,
    coded.waiver_expires_date,
    coded.waiver_reason_da,
    coded.waiver_evidence,
    coded.waiver_source_ref,
    coded.reply_received_date,
    coded.reply_remark_da,
    coded.reply_source_ref,
    coded.part,
    coded.part_name_da,
    coded.part_name_en,
    coded.bound_statuses,
    coded.min_count,
    coded.due_date,
    coded.grace_until_date,
    coded.reply_until_date,
    coded.is_registered_deadline,
    coded.rule_status_da,
    coded.rule_status_en,
    coded.offered_count,
    coded.late_count,
    coded.evidence_count,
    coded.is_example,
    coded.reason_code,
    reasons.status,
    reasons.status_name_da,
    reasons.status_name_en,
    reasons.decided_by,
    reasons.severity_rank,
    {{ requirement_text('reasons.text_da', 'da') }} as reason_da,
    {{ requirement_text('reasons.text_en', 'en') }} as reason_en
from coded
inner join reasons on coded.reason_code = reasons.reason_code
