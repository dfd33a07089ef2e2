with source as (
    select * from {{ source('statbank', 'enegeo') }}
),

renamed as (
    select
        municipality_code,
        year,
        energy_1000_gj,
        energy_1000_gj_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_enegeo' as source_id
    from source
)

select * from renamed
