{{ config(materialized='table') }}

with targets as (
    select * from {{ ref('int_targets_frozen') }}
),

emissions as (
    select * from {{ ref('int_emission_values_selected') }}
),

populations as (
    select * from {{ ref('int_populations_combined') }}
),

replacements as (
    select
        targets.municipality_code,
        targets.target_id,
        targets.adopted_date,
        min(later.adopted_date) as replaced_date
    from targets
    inner join targets as later
        on
            targets.municipality_code = later.municipality_code
            and targets.adopted_date <= later.adopted_date
            and (
                targets.target_id = later.replaces_target_id
                or (
                    targets.target_id = later.target_id
                    and targets.adopted_date < later.adopted_date
                )
            )
    group by targets.municipality_code, targets.target_id, targets.adopted_date
),

-- A restatement by the municipality goes before the figure that the indicator has now.
based as (
    select
        targets.*,
        replacements.replaced_date,
        targets.base_value_frozen_tco2e / nullif(populations.population, 0)
            as base_value_frozen_tco2e_per_capita,
        case
            when targets.base_value_restated_tco2e <> targets.base_value_frozen_tco2e
                then targets.base_value_restated_tco2e
            else coalesce(emissions.value, targets.base_value_frozen_tco2e)
        end as base_value_now_tco2e
    from targets
    left join replacements
        on
            targets.municipality_code = replacements.municipality_code
            and targets.target_id = replacements.target_id
            and targets.adopted_date = replacements.adopted_date
    left join populations
        on
            targets.municipality_code = populations.municipality_code
            and targets.base_year = populations.year
    left join emissions
        on
            targets.municipality_code = emissions.municipality_code
            and targets.base_year = emissions.year
            and emissions.indicator_id = 'ghg_' || targets.boundary
)

select
    municipality_code,
    target_id,
    adopted_date,
    adopted_key,
    boundary,
    kind,
    target_value,
    target_year,
    base_year,
    base_value_frozen_tco2e,
    base_value_frozen_tco2e_per_capita,
    base_frozen_report_year,
    base_value_now_tco2e,
    replaced_date,
    source_ref,
    is_example,
    case when kind = 'per_capita' then 't CO2e/capita' else 't CO2e' end as target_unit,
    case
        when kind = 'net_zero' then 0
        when kind <> 'percent_vs_base' then target_value
        when base_value_frozen_tco2e > 0
            then base_value_frozen_tco2e * (100 - target_value) / 100
    end as target_level,
    case
        when adopted_date is null then 'adopted_date_missing'
        when target_year is null or (kind <> 'net_zero' and target_value is null)
            then 'target_value_missing'
        when base_year is null then 'base_year_missing'
        when base_value_frozen_tco2e is null then 'base_value_missing'
        when base_value_frozen_tco2e <= 0 then 'base_not_positive'
        when target_year <= base_year then 'target_year_not_after_base'
        when kind = 'per_capita' and base_value_frozen_tco2e_per_capita is null
            then 'population_missing'
    end as reason_code
from based
