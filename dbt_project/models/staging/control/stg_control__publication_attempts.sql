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
        schema_version,
        released_by,
        released_at,
        release_reason,
        released_holds
    from source
)

select * from renamed
