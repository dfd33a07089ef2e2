with members as (
    select * from {{ ref('int_panel_members_unioned') }}
),

years as (
    select * from {{ ref('dim_year') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
),

panels as (
    select
        panel_id,
        panel_name_da,
        panel_name_en,
        count(*) as municipalities_count
    from members
    group by panel_id, panel_name_da, panel_name_en
),

wide as (
    select * from {{ ref('int_panel_years_pivoted') }}
)

select
    panels.panel_id,
    years.year,
    panels.panel_name_da,
    panels.panel_name_en,
    panels.municipalities_count,
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
    wide.re_capacity_onshore_wind_kw_per_capita,
    wide.re_capacity_solar_kw_per_capita,
    wide.re_capacity_offshore_wind_kw_per_capita,
    coalesce(wide.municipalities_with_population_count, 0) as municipalities_with_population_count,
    coalesce(wide.municipalities_with_emissions_count, 0) as municipalities_with_emissions_count,
    coalesce(wide.municipalities_with_passenger_cars_count, 0)
        as municipalities_with_passenger_cars_count,
    coalesce(wide.municipalities_with_household_cars_count, 0)
        as municipalities_with_household_cars_count,
    coalesce(wide.municipalities_with_dwellings_count, 0) as municipalities_with_dwellings_count,
    coalesce(wide.municipalities_with_capacity_count, 0) as municipalities_with_capacity_count,
    coalesce(wide.municipalities_with_emissions_count, 0) = panels.municipalities_count
        as is_complete,
    coalesce(wide.is_example, false) as is_example
from panels
-- The 98 municipalities are those of the reform of 1 January 2007.
inner join years on years.year >= 2007
inner join runs on years.year <= year(runs.as_of_at)
left join wide
    on
        panels.panel_id = wide.panel_id
        and years.year = wide.year
order by panels.panel_id, years.year
