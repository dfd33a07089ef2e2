with source as (
    select * from {{ source('statbank', 'ene2ha') }}
),

renamed as (
    select
        energy_use as energy_use_code,
        energy_type as energy_type_code,
        year,
        energy_gj,
        energy_gj_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_ene2ha' as source_id
    from source
)

select * from renamed
