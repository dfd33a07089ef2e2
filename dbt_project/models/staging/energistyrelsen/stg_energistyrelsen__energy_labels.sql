with source as (
    select * from {{ source('energistyrelsen', 'energy_labels') }}
),

renamed as (
    select
        municipality_code,
        year,
        label as label_code,
        valid_labels,
        valid_labels_missing,
        row_key,
        release_id,
        recorded_at,
        'energistyrelsen_energy_labels' as source_id
    from source
)

select * from renamed
