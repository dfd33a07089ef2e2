with indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

indicator_values as (
    select computed.*
    from {{ ref('int_indicator_values_computed') }} as computed
    inner join indicators on computed.indicator_id = indicators.indicator_id
    -- What municipalities alone report has no column here.
    where computed.is_shown and not indicators.is_submittable
)

select
    municipality_code,
    year,
    cast(max(value) filter (where indicator_id = 'population') as bigint) as population,
    cast(max(value) filter (where indicator_id = 'passenger_cars') as bigint) as passenger_cars,
    bool_or(is_example) as is_example,
    max(value) filter (where indicator_id = 'area_km2') as area_km2,
    max(value) filter (where indicator_id = 'ghg_danish_account') as ghg_danish_account_tco2e,
    max(value) filter (where indicator_id = 'ghg_danish_account_energy')
        as ghg_danish_account_energy_tco2e,
    max(value) filter (where indicator_id = 'ghg_danish_account_transport')
        as ghg_danish_account_transport_tco2e,
    max(value) filter (where indicator_id = 'ghg_danish_account_agriculture')
        as ghg_danish_account_agriculture_tco2e,
    max(value) filter (where indicator_id = 'ghg_danish_account_waste')
        as ghg_danish_account_waste_tco2e,
    max(value) filter (where indicator_id = 'ghg_danish_account_industry')
        as ghg_danish_account_industry_tco2e,
    max(value) filter (where indicator_id = 'ghg_danish_account_per_capita')
        as ghg_danish_account_per_capita_tco2e,
    max(value) filter (where indicator_id = 'passenger_cars_per_1000_inhabitants')
        as passenger_cars_per_1000_inhabitants,
    max(value) filter (where indicator_id = 'car_zero_emission_share')
        as car_zero_emission_share_pct,
    max(value) filter (where indicator_id = 'car_plugin_share') as car_plugin_share_pct,
    max(value) filter (where indicator_id = 'fossil_heated_dwelling_share')
        as fossil_heated_dwelling_share_pct,
    max(value) filter (where indicator_id = 're_electricity_coverage')
        as re_electricity_coverage_pct,
    max(value) filter (where indicator_id = 're_capacity_onshore_wind_kw_per_capita')
        as re_capacity_onshore_wind_kw_per_capita,
    max(value) filter (where indicator_id = 're_capacity_solar_kw_per_capita')
        as re_capacity_solar_kw_per_capita,
    max(value) filter (where indicator_id = 're_capacity_offshore_wind_kw_per_capita')
        as re_capacity_offshore_wind_kw_per_capita,
    max(value) filter (where indicator_id = 'household_waste_kg_per_capita')
        as household_waste_kg_per_capita,
    max(value) filter (where indicator_id = 'household_waste_recycled_share')
        as household_waste_recycled_share_pct
from indicator_values
group by municipality_code, year
