with source as (
    select * from {{ source('energidataservice', 're_coverage_municipality') }}
),

renamed as (
    select
        municipality_code,
        hour_utc,
        hour_dk,
        renewable_kept_kwh,
        renewable_kept_kwh_missing,
        consumption_kwh,
        consumption_kwh_missing,
        row_key,
        release_id,
        recorded_at,
        'energidataservice_re_coverage_municipality' as source_id
    from source
)

select * from renamed
