with populations as (
    select * from {{ ref('int_populations_combined') }}
),

areas as (
    select * from {{ ref('stg_statbank__areas') }}
),

household_waste as (
    select * from {{ ref('stg_statbank__household_waste') }}
)

select
    municipality_code,
    year,
    population_missing as missing,
    source_id,
    release_id,
    row_key,
    recorded_at,
    'population_1_january' as dataset,
    'population' as provider_code,
    cast(population as double) as value
from populations
union all
select
    municipality_code,
    year,
    area_km2_missing as missing,
    source_id,
    release_id,
    row_key,
    recorded_at,
    source_id as dataset,
    'area_km2' as provider_code,
    area_km2 as value
from areas
union all
select
    municipality_code,
    year,
    value_missing as missing,
    source_id,
    release_id,
    row_key,
    recorded_at,
    source_id as dataset,
    key_figure_code as provider_code,
    value
from household_waste
