with source as (
    select * from {{ source('statbank', 'bil54') }}
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
        'statbank_bil54' as source_id,
        cast(substr(month, 1, 4) as integer) as year,
        cast(substr(month, 6, 2) as integer) as month_no
    from source
)

select * from renamed
