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
            when membership_status is null then 'not_member'
            when bound_statuses is null then 'rule_missing'
            when '|' || bound_statuses || '|' not like '%|' || membership_status || '|%'
                then 'membership_not_counted'
            when evidence_count >= min_count then 'evidence_found'
            when waiver_expires_date is not null then 'waived'
            when judged_date <= due_date then 'before_deadline'
            when judged_date <= grace_until_date then 'in_grace'
            when judged_date <= reply_until_date then 'reply_open'
            when evidence_count + late_count >= min_count then 'evidence_late'
            when offered_count > 0 then 'evidence_insufficient'
            else 'evidence_missing'
        end as reason_code
    from parts
)

select
    coded.*,
    reasons.status,
    reasons.status_name_da,
    reasons.status_name_en,
    reasons.decided_by,
    reasons.severity_rank,
    {{ requirement_text('reasons.text_da', 'da') }} as reason_da,
    {{ requirement_text('reasons.text_en', 'en') }} as reason_en
from coded
inner join reasons on coded.reason_code = reasons.reason_code
