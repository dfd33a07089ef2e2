with source as (
    select * from {{ source('statbank', 'folk1a') }}
),

renamed as (
    select
        municipality_code,
        quarter,
        population,
        population_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_folk1a' as source_id,
        cast(substr(quarter, 1, 4) as integer) as year,
        cast(substr(quarter, 6, 1) as integer) as quarter_no
    from source
)

select * from renamed
