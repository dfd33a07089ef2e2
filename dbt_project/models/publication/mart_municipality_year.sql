with municipalities as (
    select * from {{ ref('municipalities') }}
),

municipality_regions as (
    select * from {{ ref('municipality_regions') }}
),

regions as (
    select * from {{ ref('regions') }}
),

years as (
    select * from {{ ref('dim_year') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
),

wide as (
    select
        municipality_code,
        year,
        max(value) filter (where indicator_id = 'population') as population,
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
        max(value) filter (where indicator_id = 'passenger_cars') as passenger_cars,
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
    from {{ ref('fct_indicator') }}
    group by municipality_code, year
)

select
    municipalities.municipality_code,
    years.year,
    municipalities.name_da,
    municipalities.name_en,
    municipality_regions.region_code,
    regions.name_da as region_name_da,
    wide.population,
    wide.area_km2,
    wide.ghg_danish_account_tco2e,
    wide.ghg_danish_account_energy_tco2e,
    wide.ghg_danish_account_transport_tco2e,
    wide.ghg_danish_account_agriculture_tco2e,
    wide.ghg_danish_account_waste_tco2e,
    wide.ghg_danish_account_industry_tco2e,
    wide.ghg_danish_account_per_capita_tco2e,
    wide.passenger_cars,
    wide.passenger_cars_per_1000_inhabitants,
    wide.car_zero_emission_share_pct,
    wide.car_plugin_share_pct,
    wide.fossil_heated_dwelling_share_pct,
    wide.re_electricity_coverage_pct,
    wide.re_capacity_onshore_wind_kw_per_capita,
    wide.re_capacity_solar_kw_per_capita,
    wide.re_capacity_offshore_wind_kw_per_capita,
    wide.household_waste_kg_per_capita,
    wide.household_waste_recycled_share_pct
from municipalities
inner join years on year(municipalities.valid_from_date) <= years.year
inner join runs on years.year <= year(runs.as_of_at)
inner join municipality_regions
    on
        municipalities.municipality_code = municipality_regions.municipality_code
        and years.end_date >= municipality_regions.valid_from_date
        and years.end_date <= coalesce(municipality_regions.valid_to_date, date '9999-12-31')
inner join regions on municipality_regions.region_code = regions.region_code
left join wide
    on
        municipalities.municipality_code = wide.municipality_code
        and years.year = wide.year
order by municipalities.municipality_code, years.year
