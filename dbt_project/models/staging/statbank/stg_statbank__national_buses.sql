with source as (
    select * from {{ source('statbank', 'bil12') }}
),

renamed as (
    select
        fuel as fuel_code,
        gross_weight as gross_weight_code,
        year,
        buses,
        buses_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_bil12' as source_id
    from source
)

select * from renamed
