with source as (
    select * from {{ source('statbank', 'bil54_goods') }}
),

renamed as (
    select
        municipality_code,
        vehicle_type as vehicle_type_code,
        ownership as ownership_code,
        fuel as fuel_code,
        month,
        vehicles,
        vehicles_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_bil54_goods' as source_id
    from source
)

select * from renamed
