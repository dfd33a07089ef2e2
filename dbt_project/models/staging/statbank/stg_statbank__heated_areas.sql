with source as (
    select * from {{ source('statbank', 'bygb40') }}
),

renamed as (
    select
        municipality_code,
        quantity as quantity_code,
        heating as heating_code,
        building_use as building_use_code,
        year,
        heated_area_1000_m2,
        heated_area_1000_m2_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_bygb40' as source_id
    from source
)

select * from renamed
