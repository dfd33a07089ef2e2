with evidence as (
    select * from {{ ref('int_requirement_evidence_matched') }}
),

rules as (
    select * from {{ ref('requirement_rules') }}
),

requirements as (
    select * from {{ ref('requirements') }}
)

select
    evidence.municipality_code,
    evidence.requirement,
    requirements.name_da as requirement_name_da,
    evidence.part,
    rules.part_name_da,
    evidence.rule_version,
    evidence.year,
    evidence.from_date as evidence_date,
    evidence.to_date as valid_to_date,
    evidence.what_da,
    evidence.evidence_kind,
    evidence.evidence_value,
    evidence.evidence,
    evidence.is_accepted,
    evidence.is_late,
    evidence.source_ref,
    evidence.is_example,
    case
        when not evidence.is_accepted then 'Tæller ikke. Reglen er: ' || rules.text_da
        when evidence.is_late then 'Tæller ikke: dateret efter nådefristen.'
        when evidence.to_date is not null
            then 'Tæller fra sin dato til og med ' || cast(evidence.to_date as string) || '.'
        else 'Tæller fra sin dato.'
    end as counts_da
from evidence
inner join rules
    on
        evidence.requirement = rules.requirement
        and evidence.part = rules.part
        and evidence.rule_version = rules.rule_version
inner join requirements on evidence.requirement = requirements.requirement
order by
    evidence.municipality_code,
    evidence.requirement,
    evidence.part,
    evidence.rule_version,
    evidence.year,
    evidence.source_ref
