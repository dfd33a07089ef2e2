with dwellings as (
    select * from {{ ref('stg_statbank__dwellings') }}
),

-- The stock on 1 January stands under the month of January.
capacities as (
    select *
    from {{ ref('stg_energidataservice__capacities') }}
    where month_no = 1
),

heat_mixes as (
    select * from {{ ref('stg_energistyrelsen__district_heat_mixes') }}
)

select
    municipality_code,
    year,
    dwellings_missing as missing,
    source_id,
    release_id,
    row_key,
    recorded_at,
    source_id as dataset,
    heating_code as provider_code,
    cast(dwellings as double) as value
from dwellings
union all
select
    municipality_code,
    year,
    onshore_wind_mw_missing as missing,
    source_id,
    release_id,
    row_key,
    recorded_at,
    source_id as dataset,
    'onshore_wind_mw' as provider_code,
    onshore_wind_mw as value
from capacities
union all
select
    municipality_code,
    year,
    solar_mw_missing as missing,
    source_id,
    release_id,
    row_key,
    recorded_at,
    source_id as dataset,
    'solar_mw' as provider_code,
    solar_mw as value
from capacities
union all
select
    municipality_code,
    year,
    offshore_wind_mw_missing as missing,
    source_id,
    release_id,
    row_key,
    recorded_at,
    source_id as dataset,
    'offshore_wind_mw' as provider_code,
    offshore_wind_mw as value
from capacities
{% for share in ['biomass_pct', 'waste_pct', 'fossil_pct', 'clean_pct'] %}
    union all
    select
        municipality_code,
        year,
        {{ share }}_missing as missing,
        source_id,
        release_id,
        row_key,
        recorded_at,
        source_id as dataset,
        '{{ share }}' as provider_code,
        {{ share }} as value
    from heat_mixes
{% endfor %}
