with source as (
    select * from {{ source('statbank', 'are207') }}
),

renamed as (
    select
        municipality_code,
        year,
        area_km2,
        area_km2_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_are207' as source_id
    from source
)

select * from renamed
