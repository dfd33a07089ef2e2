{{ config(materialized='table') }}

with targets as (
    select * from {{ ref('int_targets_judged') }}
    where adopted_date is not null
),

path_units as (
    select distinct
        municipality_code,
        boundary,
        target_unit
    from targets
),

-- Net zero is zero per capita too; it belongs to every path of its boundary.
unit_targets as (
    select
        targets.*,
        path_units.target_unit as path_unit
    from targets
    inner join path_units
        on
            targets.municipality_code = path_units.municipality_code
            and targets.boundary = path_units.boundary
            and (targets.kind = 'net_zero' or targets.target_unit = path_units.target_unit)
),

events as (
    select
        municipality_code,
        boundary,
        path_unit,
        adopted_date as event_date,
        true as is_adoption
    from unit_targets
    union all
    select
        municipality_code,
        boundary,
        path_unit,
        replaced_date as event_date,
        false as is_adoption
    from unit_targets
    where replaced_date is not null
),

versions as (
    select
        municipality_code,
        boundary,
        path_unit,
        event_date,
        bool_or(is_adoption) as is_adoption,
        lead(event_date) over (
            partition by municipality_code, boundary, path_unit order by event_date
        ) as replaced_date
    from events
    group by municipality_code, boundary, path_unit, event_date
)

select
    versions.municipality_code,
    versions.boundary,
    versions.path_unit as unit,
    versions.event_date as adopted_date,
    versions.replaced_date,
    unit_targets.target_id,
    unit_targets.kind,
    unit_targets.base_year,
    unit_targets.target_year,
    unit_targets.target_level,
    unit_targets.reason_code,
    unit_targets.source_ref,
    unit_targets.is_example,
    coalesce(unit_targets.target_id, '–') as target_key,
    'own_' || versions.boundary
    || case when versions.path_unit = 't CO2e' then '' else '_per_capita' end
    || '_' || cast(versions.event_date as string) as path_id,
    case
        when versions.path_unit = 't CO2e' then unit_targets.base_value_frozen_tco2e
        else unit_targets.base_value_frozen_tco2e_per_capita
    end as base_value
from versions
left join unit_targets
    on
        versions.municipality_code = unit_targets.municipality_code
        and versions.boundary = unit_targets.boundary
        and versions.path_unit = unit_targets.path_unit
        and versions.event_date >= unit_targets.adopted_date
        and versions.event_date < coalesce(unit_targets.replaced_date, date '9999-12-31')
where versions.is_adoption
