with source as (
    select * from {{ source('energistyrelsen', 'district_heat_mix') }}
),

renamed as (
    select
        municipality_code,
        year,
        biomass_pct,
        biomass_pct_missing,
        waste_pct,
        waste_pct_missing,
        fossil_pct,
        fossil_pct_missing,
        clean_pct,
        clean_pct_missing,
        own_production_tj,
        own_production_tj_missing,
        row_key,
        release_id,
        recorded_at,
        'energistyrelsen_district_heat_mix' as source_id,
        status as mix_status,
        nullif(network, '-') as shared_network
    from source
)

select * from renamed
