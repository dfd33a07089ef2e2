with source as (
    select * from {{ source('statbank', 'bol102') }}
),

renamed as (
    select
        municipality_code,
        occupancy as occupancy_code,
        heating as heating_code,
        year,
        dwellings,
        dwellings_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_bol102' as source_id
    from source
)

select * from renamed
