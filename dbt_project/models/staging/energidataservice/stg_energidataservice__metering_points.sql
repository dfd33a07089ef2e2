with source as (
    select * from {{ source('energidataservice', 'metering_points') }}
),

renamed as (
    select
        municipality_code,
        month,
        metering_point_type as metering_point_type_code,
        physical_status as physical_status_code,
        metering_points,
        metering_points_missing,
        row_key,
        release_id,
        recorded_at,
        'energidataservice_metering_points' as source_id
    from source
)

select * from renamed
