with path_years as (
    select * from {{ ref('int_path_years_computed') }}
),

paths as (
    select * from {{ ref('int_paths_unioned') }}
)

select
    path_years.municipality_code,
    path_years.path_id,
    path_years.year,
    paths.indicator_id,
    path_years.path_value,
    paths.unit,
    paths.is_current,
    paths.is_own,
    paths.is_example
from path_years
inner join paths
    on
        path_years.municipality_code = paths.municipality_code
        and path_years.path_id = paths.path_id
order by path_years.municipality_code, path_years.path_id, path_years.year
