with source as (
    select * from {{ source('dmi', 'heating_degree_days') }}
),

renamed as (
    select
        municipality_code,
        month,
        heating_degree_days,
        heating_degree_days_missing,
        row_key,
        release_id,
        recorded_at,
        'dmi_heating_degree_days' as source_id
    from source
)

select * from renamed
