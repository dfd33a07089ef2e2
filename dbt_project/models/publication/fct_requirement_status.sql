with judged as (
    select * from {{ ref('int_requirements_judged') }}
),

requirements as (
    select * from {{ ref('requirements') }}
)

select
    judged.municipality_code,
    judged.requirement,
    requirements.name_da as requirement_name_da,
    requirements.name_en as requirement_name_en,
    judged.year,
    judged.as_of_date,
    judged.status,
    judged.status_name_da,
    judged.status_name_en,
    judged.reason_code,
    judged.reason_da,
    judged.reason_en,
    judged.decided_by,
    judged.membership_status,
    judged.membership_status_name_da,
    judged.membership_status_name_en,
    judged.is_membership_confirmed,
    judged.rule_version,
    judged.rule_status_da,
    judged.rule_status_en,
    judged.evidence_count,
    judged.parts_count,
    judged.parts_met_count,
    judged.parts_da,
    judged.due_date,
    judged.grace_until_date,
    judged.reply_until_date,
    judged.is_registered_deadline,
    judged.waiver_expires_date,
    judged.waiver_evidence,
    judged.waiver_source_ref,
    judged.reply_remark_da,
    judged.reply_received_date,
    judged.reply_source_ref,
    judged.is_example
from judged
inner join requirements on judged.requirement = requirements.requirement
where judged.judged_date = judged.as_of_date
order by judged.municipality_code, judged.requirement, judged.year
