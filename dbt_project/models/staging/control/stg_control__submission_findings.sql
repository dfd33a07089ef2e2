with source as (
    select * from {{ source('control', 'submission_finding') }}
),

-- What stands on the sheet of signatures is a name or an address more often than not.
judged as (
    select
        *,
        coalesce(sheet = 'Kommune', false) or coalesce(found, '') like '%@%' as is_private
    from source
),

renamed as (
    select
        submission_id,
        finding_number,
        code,
        layer,
        severity,
        sheet,
        cell,
        field,
        help_da,
        help_en,
        case when not is_private then found end as found_text,
        case when is_private and found <> '' then replace(text_da, found, '…') else text_da end
            as text_da,
        case when is_private and found <> '' then replace(text_en, found, '…') else text_en end
            as text_en
    from judged
)

select * from renamed
