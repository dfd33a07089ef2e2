with source as (
    select * from {{ source('statbank', 'bil53') }}
),

renamed as (
    select
        municipality_code,
        vehicle_type as vehicle_type_code,
        ownership as ownership_code,
        fuel as fuel_code,
        month,
        new_vehicles,
        new_vehicles_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_bil53' as source_id
    from source
)

select * from renamed
