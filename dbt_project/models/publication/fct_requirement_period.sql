with judged as (
    select * from {{ ref('int_requirements_judged') }}
),

requirements as (
    select * from {{ ref('requirements') }}
),

-- Neighbours that say the same are one period; reason_da and parts_da carry every date and count.
compared as (
    select
        judged.*,
        {{ requirement_signature() }} as signature
    from judged
),

changed as (
    select *
    from compared
    qualify
        signature is distinct from lag(signature) over (
            partition by municipality_code, requirement, year
            order by judged_date
        )
)

select
    changed.municipality_code,
    changed.requirement,
    requirements.name_da as requirement_name_da,
    requirements.name_en as requirement_name_en,
    changed.year,
    changed.judged_date as valid_from_date,
    changed.status,
    changed.status_name_da,
    changed.status_name_en,
    changed.reason_code,
    changed.reason_da,
    changed.reason_en,
    changed.decided_by,
    changed.membership_status,
    changed.membership_status_name_da,
    changed.membership_status_name_en,
    changed.is_membership_confirmed,
    changed.rule_version,
    changed.rule_status_da,
    changed.rule_status_en,
    changed.evidence_count,
    changed.parts_count,
    changed.parts_met_count,
    changed.parts_da,
    changed.due_date,
    changed.grace_until_date,
    changed.reply_until_date,
    changed.is_registered_deadline,
    changed.waiver_expires_date,
    changed.waiver_evidence,
    changed.waiver_source_ref,
    changed.reply_remark_da,
    changed.reply_received_date,
    changed.reply_source_ref,
    changed.is_example,
    lead(changed.judged_date) over (
        partition by changed.municipality_code, changed.requirement, changed.year
        order by changed.judged_date
    ) - 1 as valid_to_date
from changed
inner join requirements on changed.requirement = requirements.requirement
order by changed.municipality_code, changed.requirement, changed.year, changed.judged_date
