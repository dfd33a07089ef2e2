with source as (
    select * from {{ source('energidataservice', 'declaration_grid_emission') }}
),

renamed as (
    select
        hour_utc,
        hour_dk,
        price_area as price_area_code,
        allocation_method as allocation_method_code,
        co2_g_per_kwh,
        co2_g_per_kwh_missing,
        ch4_mg_per_kwh,
        ch4_mg_per_kwh_missing,
        n2o_mg_per_kwh,
        n2o_mg_per_kwh_missing,
        row_key,
        release_id,
        recorded_at,
        'energidataservice_declaration_grid_emission' as source_id
    from source
)

select * from renamed
