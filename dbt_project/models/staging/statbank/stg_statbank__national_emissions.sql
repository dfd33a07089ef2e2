with source as (
    select * from {{ source('statbank', 'drivhus') }}
),

renamed as (
    select
        industry as industry_code,
        emission_type as emission_type_code,
        year,
        emission_1000_tco2e,
        emission_1000_tco2e_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_drivhus' as source_id
    from source
)

select * from renamed
