with source as (
    select * from {{ source('energidataservice', 'private_consumption_heating_month') }}
),

renamed as (
    select
        municipality_code,
        housing as housing_code,
        heating as heating_code,
        month,
        consumption_kwh,
        consumption_kwh_missing,
        row_key,
        release_id,
        recorded_at,
        'energidataservice_private_consumption_heating_month' as source_id
    from source
)

select * from renamed
