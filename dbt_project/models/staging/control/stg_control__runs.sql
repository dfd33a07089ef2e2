with source as (
    select * from {{ source('control', 'run') }}
),

renamed as (
    select
        run_id,
        version,
        as_of as as_of_at,
        published_date,
        transport
    from source
)

select * from renamed
