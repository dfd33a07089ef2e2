with source as (
    select * from {{ source('klimaregnskabet', 'key_figures') }}
),

renamed as (
    select
        municipality_code,
        year,
        sector,
        measure,
        value,
        value_missing,
        row_key,
        release_id,
        recorded_at,
        'klimaregnskabet_key_figures' as source_id
    from source
)

select * from renamed
