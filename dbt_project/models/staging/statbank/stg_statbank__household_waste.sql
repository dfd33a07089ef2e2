with source as (
    select * from {{ source('statbank', 'laby25') }}
),

renamed as (
    select
        municipality_code,
        key_figure as key_figure_code,
        year,
        value,
        value_missing,
        row_key,
        release_id,
        recorded_at,
        'statbank_laby25' as source_id
    from source
)

select * from renamed
