with source as (
    select * from {{ source('control', 'publication_log') }}
),

renamed as (
    select
        version,
        run_id,
        outcome,
        recorded_at,
        reason,
        transport,
        input_fingerprint,
        schema_version
    from source
)

select * from renamed
