{#- The indicators of the wide tables, in order: each with its column, which ends in the unit, and
    the column's type where it is not double; a panel has only those that add up. -#}
{% macro indicator_columns(is_panel=false) -%}
    {%- set sectors = {
        'danish_account': ['energy', 'transport', 'agriculture', 'waste', 'industry'],
        'territorial': [
            'stationary_energy', 'transport', 'waste', 'industrial_processes',
            'agriculture_land_use',
        ],
        'gpc_basic': ['stationary_energy', 'transport', 'waste'],
        'gpc_basic_plus': [
            'stationary_energy', 'transport', 'waste', 'industrial_processes',
            'agriculture_land_use', 'other_scope_3',
        ],
        'own_operations': [],
    } -%}
    {%- set projects = [
        'projects_completed', 'investment_dkk', 'retention_m3', 'buildings_protected',
        'avoided_damage_ex_ante_dkk', 'avoided_damage_observed_dkk',
    ] -%}
    {%- set not_asked = {
        'coast': ['retention_m3'],
        'wind': ['retention_m3'],
        'erosion': ['retention_m3'],
        'heat': ['retention_m3', 'buildings_protected'],
        'drought': ['retention_m3', 'buildings_protected'],
    } -%}
    {%- set columns = [
        ['population', 'population', 'bigint'],
        ['area_km2', 'area_km2'],
    ] -%}
    {%- for boundary, names in sectors.items() -%}
        {%- set whole = 'ghg_' ~ boundary -%}
        {%- do columns.append([whole, whole ~ '_tco2e']) -%}
        {%- for name in names -%}
            {%- do columns.append([whole ~ '_' ~ name, whole ~ '_' ~ name ~ '_tco2e']) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do columns.append(
        ['ghg_danish_account_per_capita', 'ghg_danish_account_per_capita_tco2e']
    ) -%}
    {%- do columns.append(['passenger_cars', 'passenger_cars', 'bigint']) -%}
    {%- do columns.append(['passenger_cars_per_1000_inhabitants'] * 2) -%}
    {%- for share in [
        'car_zero_emission_share', 'car_plugin_share', 'bus_zero_emission_share',
        'bus_fossil_free_share', 'bus_green_share', 'van_alternative_share',
        'truck_alternative_share', 'housing_renovated_share', 'housing_renovated_in_year_share',
        'label_coverage', 'fossil_heated_dwelling_share', 'res_share',
    ] -%}
        {%- do columns.append([share, share ~ '_pct']) -%}
    {%- endfor -%}
    {%- for same in [
        're_capacity_onshore_wind_kw_per_capita', 're_capacity_solar_kw_per_capita',
        're_capacity_offshore_wind_kw_per_capita', 'business_partnerships_active',
        'business_partnerships_saved_mwh',
    ] -%}
        {%- do columns.append([same, same]) -%}
    {%- endfor -%}
    {%- for hazard in [
        'cloudburst', 'coast', 'groundwater', 'watercourse', 'wind', 'heat', 'drought', 'erosion',
    ] -%}
        {%- for measure in projects if measure not in not_asked.get(hazard, []) -%}
            {%- do columns.append(['adaptation_' ~ hazard ~ '_' ~ measure] * 2) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do columns.append(['adaptation_investment_dkk'] * 2) -%}
    {%- if not is_panel -%}
        {%- do columns.append(['re_electricity_coverage', 're_electricity_coverage_pct']) -%}
        {%- for part in ['biomass', 'waste', 'fossil', 'clean'] -%}
            {%- set share = 'district_heat_' ~ part ~ '_share' -%}
            {%- do columns.append([share, share ~ '_pct']) -%}
        {%- endfor -%}
        {%- do columns.append(['household_waste_kg_per_capita'] * 2) -%}
        {%- do columns.append(
            ['household_waste_recycled_share', 'household_waste_recycled_share_pct']
        ) -%}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}

{#- Emissions that the account and the municipality can both give. -#}
{% macro indicators_of_two_origins() -%}
    {%- set indicators = ['ghg_danish_account'] -%}
    {%- for sector in ['energy', 'transport', 'agriculture', 'waste', 'industry'] -%}
        {%- do indicators.append('ghg_danish_account_' ~ sector) -%}
    {%- endfor -%}
    {{ return(indicators) }}
{%- endmacro %}
