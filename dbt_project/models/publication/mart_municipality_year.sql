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
    select * from {{ ref('int_municipality_years_pivoted') }}
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
    wide.household_waste_recycled_share_pct,
    coalesce(wide.is_example, false) as is_example
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
