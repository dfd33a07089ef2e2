with seeded as (
    select * from {{ ref('memberships') }}
),

cells as (
    select * from {{ ref('int_register_cells_selected') }}
    where block = 'memberships'
),

registered as (
    select
        max(value_text) filter (where field = 'municipality_code') as municipality_code,
        max(value_text) filter (where field = 'status') as status,
        max(value_date) filter (where field = 'valid_from_date') as valid_from_date,
        max(value_date) filter (where field = 'valid_to_date') as valid_to_date,
        max(value_text) filter (where field = 'evidence_da') as evidence_da,
        max(value_text) filter (where field = 'evidence_link') as evidence_link,
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
        status,
        valid_from_date,
        valid_to_date,
        evidence_da,
        evidence_link,
        recorded_on,
        cast(recorded_on as timestamp) as recorded_at,
        false as is_example,
        'register:memberships#' || municipality_code || '|' || cast(valid_from_date as string)
            as source_ref,
        2 as preference
    from seeded
    union all
    select
        municipality_code,
        status,
        valid_from_date,
        valid_to_date,
        evidence_da,
        evidence_link,
        recorded_on,
        recorded_at,
        is_example,
        source_ref,
        1 as preference
    from registered
)

select
    municipality_code,
    status,
    valid_from_date,
    valid_to_date,
    evidence_da,
    evidence_link,
    recorded_on,
    recorded_at,
    is_example,
    source_ref
from unioned
-- What the secretariat hands in later goes before the same row of the project's own register.
qualify row_number() over (partition by municipality_code, valid_from_date order by preference) = 1
