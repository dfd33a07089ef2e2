{{ config(materialized='table') }}

with paths as (
    select * from {{ ref('int_paths_unioned') }}
),

path_years as (
    select * from {{ ref('int_path_years_computed') }}
),

emissions as (
    select * from {{ ref('int_emission_values_selected') }}
),

compared as (
    select
        paths.municipality_code,
        paths.path_id,
        path_years.year,
        paths.indicator_id,
        paths.unit,
        paths.base_year,
        paths.base_value,
        emissions.value as actual_value,
        path_years.path_value,
        path_years.next_node_year as target_year,
        path_years.next_node_value as target_level,
        path_years.continuous_rate,
        emissions.evidence_class,
        emissions.source_ref,
        emissions.value - path_years.path_value as gap_abs,
        not emissions.is_complete as is_lower_bound,
        paths.is_example or emissions.is_example as is_example
    from paths
    inner join path_years
        on
            paths.municipality_code = path_years.municipality_code
            and paths.path_id = path_years.path_id
    inner join emissions
        on
            paths.municipality_code = emissions.municipality_code
            and paths.indicator_id = emissions.indicator_id
            and path_years.year = emissions.year
),

-- The year in which the path first was as low as the emission, between two years of the path.
inverses as (
    select
        compared.municipality_code,
        compared.path_id,
        compared.year,
        min(
            steps.year + case
                when steps.path_value = steps.next_path_value then 0
                when compared.continuous_rate is null
                    then
                        (steps.path_value - compared.actual_value)
                        / (steps.path_value - steps.next_path_value)
                else
                    ln(steps.path_value / nullif(greatest(compared.actual_value, 0), 0))
                    / compared.continuous_rate
            end
        ) as same_level_year
    from compared
    inner join path_years as steps
        on
            compared.municipality_code = steps.municipality_code
            and compared.path_id = steps.path_id
            and compared.actual_value <= steps.path_value
            and compared.actual_value >= steps.next_path_value
    group by compared.municipality_code, compared.path_id, compared.year
)

select
    compared.*,
    case
        when compared.gap_abs = 0 then 0 else compared.year - inverses.same_level_year
    end as gap_years,
    sum(compared.gap_abs) over (
        partition by compared.municipality_code, compared.path_id order by compared.year
    ) as overshoot,
    compared.year - compared.base_year + 1 - count(*) over (
        partition by compared.municipality_code, compared.path_id order by compared.year
    ) as missing_years,
    max(compared.year) over (partition by compared.municipality_code, compared.path_id)
    = compared.year as is_newest_year
from compared
left join inverses
    on
        compared.municipality_code = inverses.municipality_code
        and compared.path_id = inverses.path_id
        and compared.year = inverses.year
