with source as (
    select * from {{ source('control', 'source_state') }}
),

renamed as (
    select
        source_id,
        state,
        reason,
        last_looked_at,
        last_changed_at,
        last_accepted_at,
        provider_updated_at,
        latest_period,
        next_expected_date,
        age_days,
        release_id,
        rows_read,
        rows_accepted,
        rows_set_aside,
        rows_quarantined,
        transport
    from source
)

select * from renamed
