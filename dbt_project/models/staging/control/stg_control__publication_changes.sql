with source as (
    select * from {{ source('control', 'publication_change') }}
),

renamed as (
    select
        table_name,
        row_key,
        step_number,
        cause_code,
        causes,
        municipality_code,
        panel_id,
        indicator_id,
        year,
        origin,
        unit,
        change_kind,
        value_before,
        value_after,
        state_before,
        state_after,
        source_ref_before,
        source_ref_after,
        published_before,
        published_after,
        from_version,
        reference,
        text_da
    from source
)

select * from renamed
