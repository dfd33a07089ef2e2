with source as (
    select * from {{ source('statbank', 'bil707') }}
),

renamed as (
    select
        municipality_code,
        vehicle_type as vehicle_type_code,
        year,
        vehicles,
        vehicles_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_bil707' as source_id
    from source
)

select * from renamed
