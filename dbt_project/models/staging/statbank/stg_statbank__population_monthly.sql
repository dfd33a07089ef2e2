with source as (
    select * from {{ source('statbank', 'folk1am') }}
),

renamed as (
    select
        municipality_code,
        month,
        population,
        population_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_folk1am' as source_id,
        cast(substr(month, 1, 4) as integer) as year,
        cast(substr(month, 6, 2) as integer) as month_no
    from source
)

select * from renamed
