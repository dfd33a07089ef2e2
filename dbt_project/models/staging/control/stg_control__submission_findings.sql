{#- Figures, dates, keys, GPC references and ids of submissions: nothing that names people. -#}
{% set public_patterns = [
    '[-+]?[0-9][0-9 .,]*( ?%)?',
    '[0-9]{2}-[0-9]{2}-[0-9]{4}',
    'NO|NE|IE|C',
    '(I|II|III|IV|V|VI)([.][0-9]+)+',
    '[0-9]{8}T[0-9]{6}-[0-9a-f]{12}([.-][0-9]+)*',
] %}

with source as (
    select * from {{ source('control', 'submission_finding') }}
),

-- What stands on the sheet of signatures is a name or an address more often than not; where files
-- and forms are at fault, it is the name of a file or sheet, or any words at all.
judged as (
    select
        *,
        layer in ('file', 'form')
        or coalesce(field, '') = 'cvr'
        or code in ('choice-unknown', 'number-where-text', 'date-where-text')
        or instr(lower(coalesce(sheet, '')), 'kommune') > 0
        or regexp_replace(coalesce(found, ''), '^({{ public_patterns | join('|') }})$', '') <> ''
            as is_private,
        layer = 'file' or code = 'sheet-unknown' as is_sheet_foreign,
        -- These name rows by their keys, which are the reporter's own words in a free table.
        code in ('ie-circular', 'ie-target-not-a-number') as is_key_in_text
    from source
),

hidden as (
    select
        *,
        case when is_private then nullif(found, '') end as hidden_found,
        case when is_sheet_foreign then sheet end as hidden_sheet
    from judged
),

renamed as (
    select
        submission_id,
        finding_number,
        code,
        layer,
        severity,
        cell,
        field,
        help_da,
        help_en,
        case when not is_sheet_foreign then sheet end as sheet,
        case when not is_private then found end as found_text,
        {{ without_hidden_words('text_da', 'help_da') }} as text_da,
        {{ without_hidden_words('text_en', 'help_en') }} as text_en
    from hidden
)

select * from renamed
