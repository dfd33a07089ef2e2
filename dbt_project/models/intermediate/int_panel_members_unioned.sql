{{ config(materialized='table') }}

with panels as (
    select * from {{ ref('panels') }}
),

alliance_panels as (
    select * from {{ ref('alliance_panels') }}
),

spine as (
    select * from {{ ref('int_municipality_years_spined') }}
),

members as (
    select * from {{ ref('int_membership_years_selected') }}
),

constant_members as (
    select
        municipality_code,
        bool_and(is_confirmed) as is_confirmed,
        bool_or(is_example) as is_example
    from members
    where is_member_in_all_years
    group by municipality_code
)

select
    panels.panel_id,
    spine.year,
    spine.municipality_code,
    cast(null as boolean) as is_confirmed,
    false as is_example
from spine
inner join panels
    on
        panels.kind = 'all'
        or (panels.kind = 'region' and spine.region_code = panels.selector)
        or (
            panels.kind = 'structural_group'
            and cast(spine.structural_group_no as string) = panels.selector
        )
union all
select
    panels.panel_id,
    spine.year,
    spine.municipality_code,
    cast(null as boolean) as is_confirmed,
    false as is_example
from alliance_panels
inner join panels on alliance_panels.panel_id = panels.panel_id and panels.kind = 'listed'
inner join spine on alliance_panels.municipality_code = spine.municipality_code
union all
select
    panels.panel_id,
    members.year,
    members.municipality_code,
    members.is_confirmed,
    members.is_example
from members
inner join panels on panels.kind = 'members_on_date'
union all
select
    panels.panel_id,
    spine.year,
    spine.municipality_code,
    constant_members.is_confirmed,
    constant_members.is_example
from constant_members
inner join spine on constant_members.municipality_code = spine.municipality_code
inner join panels on panels.kind = 'members_constant'
