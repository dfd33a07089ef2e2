{{ config(materialized='table') }}

with municipalities as (
    select * from {{ ref('municipalities') }}
),

carbon_budgets as (
    select * from {{ ref('carbon_budgets') }}
),

emissions as (
    select * from {{ ref('int_emission_values_selected') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

path_methods as (
    select
        methods.*,
        carbon_budgets.budget_id,
        carbon_budgets.share_population_year,
        coalesce(carbon_budgets.start_year, methods.anchor_year) as base_year,
        methods.method_id || coalesce('_' || carbon_budgets.budget_id, '') as path_id,
        carbon_budgets.global_budget_gtco2 * 1e9
        * carbon_budgets.danish_population / carbon_budgets.world_population
            as national_budget_tco2
    from {{ ref('path_methods') }} as methods
    left join carbon_budgets on methods.has_budget
    where methods.method_id <> 'own'
),

-- A share of Denmark needs the population of every municipality of that year.
shares as (
    select
        municipality_code,
        year,
        source_id || '@' || release_id || '#' || row_key as population_ref,
        case
            when
                count(population) over (partition by year)
                = (select count(*) as municipalities_count from municipalities)
                then population / sum(population) over (partition by year)
        end as population_share
    from {{ ref('int_populations_combined') }}
),

anchored as (
    select
        municipalities.municipality_code,
        path_methods.path_id,
        path_methods.method_id,
        path_methods.budget_id,
        path_methods.has_budget,
        path_methods.indicator_id,
        indicators.boundary,
        indicators.unit,
        path_methods.base_year,
        path_methods.halving_years,
        emissions.value as base_value,
        shares.population_share,
        nullif(concat_ws(' + ', emissions.source_ref, shares.population_ref), '') as source_ref,
        path_methods.national_budget_tco2 * shares.population_share as budget_tco2e,
        coalesce(emissions.is_example, false) as is_example
    from path_methods
    inner join indicators on path_methods.indicator_id = indicators.indicator_id
    cross join municipalities
    left join emissions
        on
            municipalities.municipality_code = emissions.municipality_code
            and path_methods.indicator_id = emissions.indicator_id
            and path_methods.base_year = emissions.year
    left join shares
        on
            municipalities.municipality_code = shares.municipality_code
            and path_methods.share_population_year = shares.year
)

select
    *,
    case when has_budget then base_value / budget_tco2e else ln(2) / halving_years end
        as continuous_rate,
    case
        when base_value is null then 'base_value_missing'
        when base_value <= 0 then 'base_not_positive'
        when has_budget and budget_tco2e is null then 'population_missing'
    end as reason_code
from anchored
