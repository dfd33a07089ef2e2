with source as (
    select * from {{ source('control', 'source') }}
),

renamed as (
    select
        source_id,
        title,
        producer,
        provider,
        provider_table,
        licence,
        licence_url,
        attribution,
        url,
        documentation_url,
        cadence,
        owner,
        asset,
        staging_model,
        redistribution_note
    from source
)

select * from renamed
