{{ config(materialized='table') }}

with targets as (
    select * from {{ ref('int_own_path_targets_selected') }}
),

-- Of targets with different base years the earliest one begins the path: none forgives delay.
based as (
    select
        *,
        min(base_year) over (partition by municipality_code, path_id) as path_base_year
    from targets
),

ordered as (
    select
        *,
        max(base_value) filter (where base_year = path_base_year) over (
            partition by municipality_code, path_id
        ) as path_base_value,
        lag(target_year) over (
            partition by municipality_code, path_id order by target_year asc, target_level desc
        ) as previous_year,
        lag(target_level) over (
            partition by municipality_code, path_id order by target_year asc, target_level desc
        ) as previous_level
    from based
),

paths as (
    select
        municipality_code,
        path_id,
        boundary,
        unit,
        adopted_date,
        replaced_date,
        path_base_year as base_year,
        path_base_value as base_value,
        min(base_value) filter (where base_year = path_base_year) as lowest_base_value,
        {{ joined_text('source_ref', ' + ') }} as targets_ref,
        coalesce(bool_or(is_example), false) as is_example,
        count(target_id) as targets_count,
        min(reason_code) filter (
            where
            target_level is null
            or target_year is null
            or reason_code = 'target_year_not_after_base'
        ) as target_reason_code,
        coalesce(min(target_year) <= max(path_base_year), false) as is_before_base,
        coalesce(
            bool_or(target_year = previous_year and round(target_level - previous_level, 6) <> 0),
            false
        ) as is_ambiguous,
        coalesce(
            bool_or(
                round(target_level - coalesce(previous_level, path_base_value), 6) > 0
                and target_year is distinct from previous_year
            ),
            false
        ) as is_rising
    from ordered
    group by all
)

select
    municipality_code,
    path_id,
    boundary,
    unit,
    adopted_date,
    replaced_date,
    base_year,
    base_value,
    targets_ref,
    is_example,
    case
        when targets_count = 0 then 'targets_all_replaced'
        when target_reason_code is not null then target_reason_code
        when base_year is null then 'base_year_missing'
        when base_value is null and unit <> 't CO2e' then 'population_missing'
        when base_value is null then 'base_value_missing'
        when round(base_value - lowest_base_value, 6) <> 0 then 'base_values_differ'
        when base_value <= 0 then 'base_not_positive'
        when is_before_base then 'target_year_not_after_base'
        when is_ambiguous then 'targets_differ_in_year'
        when is_rising then 'interim_targets_rise'
    end as reason_code
from paths
