{{ config(materialized='table') }}

with source as (
    select * from {{ source('submissions', 'submission_cell') }}
),

renamed as (
    select
        submission_id,
        form_id,
        municipality_code,
        year,
        block,
        row_key,
        row_number,
        field,
        sheet,
        cell,
        value_number,
        value_date,
        notation_key,
        file_sha256,
        recorded_at,
        is_example,
        {{ without_mail_addresses('value_text') }} as value_text,
        'municipal_submissions@' || file_sha256 || '#' || sheet || '!' || cell as source_ref
    from source
)

select * from renamed
