with seeded as (
    select * from {{ ref('reply_remarks') }}
),

cells as (
    select * from {{ ref('int_register_cells_selected') }}
    where block = 'reply_remarks'
),

registered as (
    select
        cast(max(value_number) filter (where field = 'report_year') as integer) as report_year,
        max(value_text) filter (where field = 'municipality_code') as municipality_code,
        max(value_text) filter (where field = 'subject') as subject,
        max(value_text) filter (where field = 'remark_da') as remark_da,
        max(value_date) filter (where field = 'received_on') as received_on,
        max(value_text) filter (where field = 'evidence') as evidence,
        max(value_date) filter (where field = 'recorded_on') as recorded_on,
        min(source_ref) as source_ref,
        max(recorded_at) as recorded_at,
        bool_or(is_example) as is_example
    from cells
    group by row_key
),

unioned as (
    select
        municipality_code,
        report_year,
        subject,
        remark_da,
        received_on,
        evidence,
        recorded_on,
        cast(recorded_on as timestamp) as recorded_at,
        false as is_example,
        'register:reply_remarks#'
        || municipality_code
        || '|'
        || cast(report_year as string)
        || '|'
        || subject
        || '|'
        || cast(received_on as string)
            as source_ref,
        2 as preference
    from seeded
    union all
    select
        municipality_code,
        report_year,
        subject,
        remark_da,
        received_on,
        evidence,
        recorded_on,
        recorded_at,
        is_example,
        source_ref,
        1 as preference
    from registered
)

select
    municipality_code,
    report_year,
    subject,
    remark_da,
    received_on,
    evidence,
    recorded_on,
    recorded_at,
    is_example,
    source_ref
from unioned
-- What the secretariat hands in later goes before the same row of the project's own register.
qualify
    row_number()
        over (partition by municipality_code, report_year, subject, received_on order by preference)
    = 1
