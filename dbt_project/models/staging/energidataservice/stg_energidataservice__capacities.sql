with source as (
    select * from {{ source('energidataservice', 'capacity_per_municipality') }}
),

renamed as (
    select
        municipality_code,
        month,
        offshore_wind_mw,
        offshore_wind_mw_missing,
        onshore_wind_mw,
        onshore_wind_mw_missing,
        solar_mw,
        solar_mw_missing,
        row_key,
        release_id,
        recorded_at,
        'energidataservice_capacity_per_municipality' as source_id,
        cast(substr(month, 1, 4) as integer) as year,
        cast(substr(month, 6, 2) as integer) as month_no
    from source
)

select * from renamed
