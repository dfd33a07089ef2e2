{{ config(materialized='table') }}

with figures as (
    select * from {{ ref('int_comparable_figures_selected') }}
)

select
    municipality_code,
    indicator_id,
    definition_version,
    boundary,
    year,
    origin,
    unit,
    value,
    gwp_set,
    grade_activity,
    grade_factor,
    evidence_class,
    is_complete,
    source_ref,
    is_example,
    is_observed,
    is_example and not bool_and(is_example) over (partition by municipality_code, indicator_id)
        as is_beside_real
from figures
where is_shown and value is not null and substr(indicator_id, 1, 4) = 'ghg_'
