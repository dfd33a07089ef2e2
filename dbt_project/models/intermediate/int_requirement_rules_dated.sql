-- Four models read it.
{{ config(materialized='table') }}
with rules as (
    select * from {{ ref('requirement_rules') }}
),

deadlines as (
    select * from {{ ref('int_reporting_deadlines_unioned') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
),

years as (
    {{ year_spine(1990, 2050) }}
),

dated as (
    select
        rules.requirement,
        rules.part,
        rules.part_name_da,
        rules.part_name_en,
        rules.rule_version,
        years.year,
        rules.valid_from_date,
        rules.valid_to_date,
        rules.evidence_kind,
        rules.accepted_values,
        rules.period,
        rules.min_count,
        rules.bound_statuses,
        rules.text_da,
        rules.text_en,
        rules.status_da,
        rules.status_en,
        rules.source,
        rules.grace_days,
        rules.reply_days,
        deadlines.grace_until_date,
        make_date(years.year, 1, 1) as start_date,
        make_date(years.year, 12, 31) as end_date,
        deadlines.deadline_date is not null as is_registered_deadline,
        coalesce(
            deadlines.deadline_date,
            -- A day that is not in the calendar is no deadline, and such a rule decides nothing.
            try_cast(
                cast(years.year + rules.due_years_after as string)
                || '-'
                || rules.due_month_day as date
            )
        ) as due_date
    from rules
    cross join runs
    inner join years
        on
            years.year >= extract(year from rules.valid_from_date)
            and years.year <= extract(year from runs.as_of_at)
            and years.year <= extract(year from coalesce(rules.valid_to_date, runs.as_of_at))
    left join deadlines on years.year = deadlines.report_year
),

graced as (
    select
        requirement,
        part,
        part_name_da,
        part_name_en,
        rule_version,
        year,
        valid_from_date,
        valid_to_date,
        evidence_kind,
        accepted_values,
        period,
        min_count,
        bound_statuses,
        text_da,
        text_en,
        status_da,
        status_en,
        source,
        start_date,
        end_date,
        is_registered_deadline,
        due_date,
        reply_days,
        coalesce(grace_until_date, due_date + grace_days) as grace_until_date
    from dated
    where due_date is not null
)

select
    *,
    grace_until_date + reply_days as reply_until_date
from graced
