with source as (
    select * from {{ source('control', 'submission') }}
),

renamed as (
    select
        submission_id,
        form_id,
        form_version,
        municipality_code,
        year,
        status,
        door,
        received_at,
        decided_at,
        decision_number,
        file_sha256,
        supersedes_id,
        superseded_by_id,
        errors_count,
        warnings_count,
        facts_count,
        missing_count,
        prepared_on as prepared_date,
        approved_on as approved_date,
        is_in_force,
        is_example,
        {{ without_mail_addresses('withdrawn_reason') }} as withdrawn_reason_da,
        'municipal_submissions@' || file_sha256 as source_ref
    from source
)

select * from renamed
