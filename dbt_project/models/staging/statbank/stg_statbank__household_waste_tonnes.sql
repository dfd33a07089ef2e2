with source as (
    select * from {{ source('statbank', 'laby24') }}
),

renamed as (
    select
        municipality_code,
        treatment as treatment_code,
        fraction as fraction_code,
        year,
        waste_tonnes,
        waste_tonnes_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_laby24' as source_id
    from source
)

select * from renamed
