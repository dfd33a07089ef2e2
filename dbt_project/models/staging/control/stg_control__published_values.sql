with source as (
    select * from {{ source('control', 'published_value') }}
),

renamed as (
    select
        municipality_code,
        indicator_id,
        year,
        value,
        unit,
        origin,
        source_id,
        definition_version,
        boundary,
        history_number as publication_number,
        history_published_date as vintage_date,
        coalesce(is_example, false) as is_example,
        history_change = 'removed' as is_removed
    from source
)

select * from renamed
