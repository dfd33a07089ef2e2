with seeded as (
    select * from {{ ref('reporting_deadlines') }}
),

cells as (
    select * from {{ ref('int_register_cells_selected') }}
    where block = 'reporting_deadlines'
),

registered as (
    select
        cast(max(value_number) filter (where field = 'report_year') as integer) as report_year,
        max(value_date) filter (where field = 'deadline_date') as deadline_date,
        max(value_date) filter (where field = 'grace_until_date') as grace_until_date,
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
        report_year,
        deadline_date,
        grace_until_date,
        evidence,
        recorded_on,
        cast(recorded_on as timestamp) as recorded_at,
        false as is_example,
        'register:reporting_deadlines#' || cast(report_year as string) as source_ref,
        2 as preference
    from seeded
    union all
    select
        report_year,
        deadline_date,
        grace_until_date,
        evidence,
        recorded_on,
        recorded_at,
        is_example,
        source_ref,
        1 as preference
    from registered
)

select
    report_year,
    deadline_date,
    grace_until_date,
    evidence,
    recorded_on,
    recorded_at,
    is_example,
    source_ref
from unioned
-- What the secretariat hands in later goes before the same row of the project's own register.
qualify row_number() over (partition by report_year order by preference) = 1
