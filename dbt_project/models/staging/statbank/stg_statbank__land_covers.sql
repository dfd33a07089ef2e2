with source as (
    select * from {{ source('statbank', 'arealdk2') }}
),

renamed as (
    select
        municipality_code,
        land_cover as land_cover_code,
        quantity as quantity_code,
        year,
        area_km2,
        area_km2_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_arealdk2' as source_id
    from source
)

select * from renamed
