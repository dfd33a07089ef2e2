with household_cars as (
    select * from {{ ref('stg_statbank__household_cars') }}
),

passenger_cars as (
    select * from {{ ref('stg_statbank__passenger_cars') }}
)

select
    municipality_code,
    year,
    vehicles_missing as missing,
    source_id,
    release_id,
    row_key,
    recorded_at,
    source_id as dataset,
    fuel_code as provider_code,
    cast(vehicles as double) as value
from household_cars
where month_no = 1
union all
select
    municipality_code,
    year,
    vehicles_missing as missing,
    source_id,
    release_id,
    row_key,
    recorded_at,
    source_id as dataset,
    vehicle_type_code as provider_code,
    cast(vehicles as double) as value
from passenger_cars
