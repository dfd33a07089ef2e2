{{ config(materialized='table') }}

with paths as (
    select * from {{ ref('int_paths_unioned') }}
),

path_years as (
    select * from {{ ref('int_path_years_computed') }}
),

actuals as (
    select * from {{ ref('int_progress_compared') }}
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
        actuals.value as actual_value,
        path_years.path_value,
        path_years.next_node_year as target_year,
        path_years.next_node_value as target_level,
        path_years.continuous_rate,
        actuals.evidence_class,
        actuals.source_ref,
        actuals.comparability_code,
        actuals.is_comparable,
        actuals.is_known,
        actuals.is_lower_bound,
        actuals.value - path_years.path_value as gap_abs,
        paths.is_example or actuals.is_example as is_example,
        case when actuals.is_comparable and not actuals.is_beside_real then path_years.year end
            as countable_year
    from paths
    inner join path_years
        on
            paths.municipality_code = path_years.municipality_code
            and paths.path_id = path_years.path_id
    inner join actuals
        on
            paths.municipality_code = actuals.municipality_code
            and paths.path_id = actuals.path_id
            and path_years.year = actuals.year
),

-- The year in which the path first was as low as the emission.
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
    case when compared.gap_abs = 0 then 0 else compared.year - inverses.same_level_year end
        as gap_years,
    sum(case when compared.is_known then compared.gap_abs else 0 end) over (
        partition by compared.municipality_code, compared.path_id order by compared.year
    ) as overshoot_known,
    -- The path begins in the base year, so that year is known without a figure too.
    1 + count(case when compared.is_known and compared.year > compared.base_year then 1 end) over (
        partition by compared.municipality_code, compared.path_id order by compared.year
    ) as overshoot_known_years,
    compared.year = coalesce(
        max(compared.countable_year) over (
            partition by compared.municipality_code, compared.path_id
        ), 0
    ) as is_newest_year
from compared
left join inverses
    on
        compared.municipality_code = inverses.municipality_code
        and compared.path_id = inverses.path_id
        and compared.year = inverses.year
