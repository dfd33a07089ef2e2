with items as (
    select
        municipality_code,
        'plan' as evidence_kind,
        plan_id as item_key,
        year as report_year,
        null as evidence_year,
        approved_date as from_date,
        valid_to_date as to_date,
        approved_by as evidence_value,
        'Plan: ' || coalesce(title, plan_id) as what_da,
        evidence,
        source_ref,
        is_example
    from {{ ref('fct_action_plan') }}
    union all
    select
        municipality_code,
        'action' as evidence_kind,
        action_id || '|' || cast(year as string) as item_key,
        year as report_year,
        year as evidence_year,
        -- What is reported of a year is known at its end, or earlier with the report itself.
        greatest(
            least(make_date(year, 12, 31), cast(recorded_at as date)),
            coalesce(start_date, make_date(year, 1, 1))
        ) as from_date,
        null as to_date,
        status as evidence_value,
        'Handling: ' || coalesce(title, action_id) as what_da,
        evidence,
        source_ref,
        is_example
    from {{ ref('fct_action') }}
    union all
    select
        municipality_code,
        'participation_' || kind as evidence_kind,
        cast(held_date as string) as item_key,
        year as report_year,
        extract(year from held_date) as evidence_year,
        held_date as from_date,
        null as to_date,
        case
            when kind = 'summit' then highest_role
            when contribution is not null then 'contributed'
            else 'attended'
        end as evidence_value,
        kind_name_da || coalesce(' (' || highest_role_name_da || ')', '')
        || coalesce(': ' || contribution, '') as what_da,
        evidence,
        source_ref,
        is_example
    from {{ ref('fct_participation') }}
    union all
    select
        municipality_code,
        'sharing_' || sharing_level as evidence_kind,
        cast(shared_date as string) || '|' || title as item_key,
        year as report_year,
        extract(year from shared_date) as evidence_year,
        shared_date as from_date,
        null as to_date,
        sharing_level as evidence_value,
        title || coalesce(' (' || with_whom || ')', '') as what_da,
        evidence,
        source_ref,
        is_example
    from {{ ref('fct_knowledge_sharing') }}
    union all
    select
        municipality_code,
        evidence_kind,
        item_key,
        report_year,
        evidence_year,
        from_date,
        to_date,
        evidence_value,
        what_da,
        evidence,
        source_ref,
        is_example
    from {{ ref('int_requirement_papers_unioned') }}
)

-- What several reports state counts once, as the newest states it.
select *
from items
where from_date is not null
qualify
    row_number() over (
        partition by municipality_code, evidence_kind, item_key
        order by report_year desc, source_ref asc
    ) = 1
