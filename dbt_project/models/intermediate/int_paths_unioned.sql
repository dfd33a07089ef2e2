{{ config(materialized='table') }}

with own_paths as (
    select * from {{ ref('int_own_paths_judged') }}
),

reference_paths as (
    select * from {{ ref('int_reference_paths_anchored') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
)

select
    own_paths.municipality_code,
    own_paths.path_id,
    'own' as method_id,
    cast(null as string) as budget_id,
    indicators.indicator_id,
    own_paths.boundary,
    own_paths.unit,
    own_paths.base_year,
    own_paths.base_value,
    own_paths.adopted_date,
    own_paths.replaced_date,
    cast(null as double) as population_share,
    cast(null as double) as budget_tco2e,
    cast(null as double) as continuous_rate,
    own_paths.targets_ref as source_ref,
    own_paths.is_example,
    own_paths.reason_code,
    true as is_own,
    own_paths.adopted_date <= cast(runs.as_of_at as date)
    and coalesce(own_paths.replaced_date, date '9999-12-31') > cast(runs.as_of_at as date)
        as is_current
from own_paths
cross join runs
left join indicators
    on
        indicators.indicator_id = 'ghg_' || own_paths.boundary
        || case when own_paths.unit = 't CO2e' then '' else '_per_capita' end
union all
select
    municipality_code,
    path_id,
    method_id,
    budget_id,
    indicator_id,
    boundary,
    unit,
    base_year,
    base_value,
    cast(null as date) as adopted_date,
    cast(null as date) as replaced_date,
    population_share,
    budget_tco2e,
    continuous_rate,
    source_ref,
    is_example,
    reason_code,
    false as is_own,
    true as is_current
from reference_paths
