with dates as (
    select * from {{ ref('int_requirement_dates_collected') }}
),

rules as (
    select * from {{ ref('int_requirement_rules_dated') }}
),

memberships as (
    select * from {{ ref('int_memberships_unioned') }}
),

waivers as (
    select * from {{ ref('int_waivers_unioned') }}
),

remarks as (
    select * from {{ ref('int_requirement_remarks_selected') }}
),

rule_dates as (
    select distinct
        requirement,
        year,
        reference_date
    from dates
),

versions as (
    select
        rule_dates.requirement,
        rule_dates.year,
        rule_dates.reference_date,
        max(rules.rule_version) as rule_version,
        max(rules.reply_until_date) as reply_until_date,
        count(distinct rules.rule_version) as valid_versions_count
    from rule_dates
    inner join rules
        on
            rule_dates.requirement = rules.requirement
            and rule_dates.year = rules.year
            and rule_dates.reference_date >= rules.valid_from_date
            and rule_dates.reference_date <= coalesce(rules.valid_to_date, rules.end_date)
    group by all
)

select
    dates.municipality_code,
    dates.requirement,
    dates.year,
    dates.judged_date,
    dates.as_of_date,
    dates.reference_date,
    versions.rule_version,
    coalesce(versions.valid_versions_count, 0) as valid_versions_count,
    max_by(memberships.status, memberships.valid_from_date) as membership_status,
    max(waivers.expires_on) as waiver_expires_date,
    max_by(waivers.reason, waivers.expires_on) as waiver_reason_da,
    max_by(waivers.evidence, waivers.expires_on) as waiver_evidence,
    max_by(waivers.source_ref, waivers.expires_on) as waiver_source_ref,
    max(remarks.received_on) as reply_received_date,
    max_by(remarks.remark_da, remarks.received_on) as reply_remark_da,
    max_by(remarks.source_ref, remarks.received_on) as reply_source_ref,
    coalesce(bool_or(memberships.is_example), false)
    or coalesce(bool_or(waivers.is_example), false)
    or coalesce(bool_or(remarks.is_example), false) as is_example
from dates
left join versions
    on
        dates.requirement = versions.requirement
        and dates.year = versions.year
        and dates.reference_date = versions.reference_date
left join memberships
    on
        dates.municipality_code = memberships.municipality_code
        and dates.reference_date >= memberships.valid_from_date
        and dates.reference_date <= coalesce(memberships.valid_to_date, dates.reference_date)
-- A waiver is of the years that it touches from their first day to the last day to reply.
left join waivers
    on
        dates.municipality_code = waivers.municipality_code
        and dates.requirement = waivers.requirement
        and dates.judged_date >= waivers.valid_from
        and dates.judged_date <= waivers.expires_on
        and extract(year from waivers.expires_on) >= dates.year
        and (
            extract(year from waivers.valid_from) <= dates.year
            or versions.reply_until_date >= waivers.valid_from
        )
left join remarks
    on
        dates.municipality_code = remarks.municipality_code
        and dates.requirement = remarks.requirement
        and dates.year = remarks.year
        and dates.judged_date >= remarks.received_on
group by all
