{{ config(materialized='table') }}

with paths as (
    select * from {{ ref('int_paths_unioned') }}
),

nodes as (
    select * from {{ ref('int_path_nodes_collected') }}
),

years as (
    {{ year_spine(1990, 2050) }}
),

valued as (
    select
        paths.municipality_code,
        paths.path_id,
        years.year,
        paths.continuous_rate,
        nodes.next_node_year,
        nodes.next_node_value,
        case
            when paths.continuous_rate is not null
                then
                    paths.base_value
                    * exp(-paths.continuous_rate * (years.year - paths.base_year))
            else nodes.node_value + coalesce(
                (nodes.next_node_value - nodes.node_value)
                * (years.year - nodes.node_year)
                / nullif(nodes.next_node_year - nodes.node_year, 0),
                0
            )
        end as path_value
    from paths
    inner join nodes
        on
            paths.municipality_code = nodes.municipality_code
            and paths.path_id = nodes.path_id
    inner join years
        on
            nodes.node_year <= years.year
            and coalesce(nodes.next_node_year, 9999) > years.year
)

select
    *,
    lead(path_value) over (partition by municipality_code, path_id order by year)
        as next_path_value
from valued
