{{ config(materialized='table') }}

with paths as (
    select * from {{ ref('int_paths_unioned') }}
    where reason_code is null
),

own_targets as (
    select * from {{ ref('int_own_path_targets_selected') }}
),

national_targets as (
    select * from {{ ref('int_national_targets_rebased') }}
),

path_methods as (
    select * from {{ ref('path_methods') }}
),

years as (
    {{ year_spine(1990, 2050) }}
),

nodes as (
    select
        municipality_code,
        path_id,
        base_year as node_year,
        base_value as node_value
    from paths
    union
    select
        paths.municipality_code,
        paths.path_id,
        own_targets.target_year as node_year,
        min(own_targets.target_level) as node_value
    from paths
    inner join own_targets
        on
            paths.municipality_code = own_targets.municipality_code
            and paths.path_id = own_targets.path_id
    group by paths.municipality_code, paths.path_id, own_targets.target_year
    union
    select
        paths.municipality_code,
        paths.path_id,
        national_targets.target_year as node_year,
        paths.base_value * (100 - national_targets.reduction_vs_anchor_pct) / 100 as node_value
    from paths
    inner join national_targets on paths.base_year = national_targets.anchor_year
    where paths.method_id = 'national_mirror'
    union
    select
        paths.municipality_code,
        paths.path_id,
        path_methods.convergence_year as node_year,
        least(paths.base_value, path_methods.convergence_tco2e_per_capita) as node_value
    from paths
    inner join path_methods on paths.method_id = path_methods.method_id
    where path_methods.convergence_year is not null
    union
    select
        paths.municipality_code,
        paths.path_id,
        path_methods.zero_year as node_year,
        0 as node_value
    from paths
    inner join path_methods on paths.method_id = path_methods.method_id
    where path_methods.zero_year is not null
    union
    -- A curve has no targets; it is read off at round years.
    select
        paths.municipality_code,
        paths.path_id,
        years.year as node_year,
        paths.base_value * exp(-paths.continuous_rate * (years.year - paths.base_year))
            as node_value
    from paths
    inner join path_methods on paths.method_id = path_methods.method_id
    inner join years
        on paths.base_year < years.year and mod(years.year, path_methods.milestone_years) = 0
    where paths.continuous_rate is not null
)

select
    *,
    lead(node_year) over (partition by municipality_code, path_id order by node_year)
        as next_node_year,
    lead(node_value) over (partition by municipality_code, path_id order by node_year)
        as next_node_value
from nodes
