with seeded as (
    select * from {{ ref('waivers') }}
),

cells as (
    select * from {{ ref('int_register_cells_selected') }}
    where block = 'waivers'
),

registered as (
    select
        cast(max(value_number) filter (where field = 'requirement') as integer) as requirement,
        max(value_text) filter (where field = 'municipality_code') as municipality_code,
        max(value_date) filter (where field = 'valid_from') as valid_from,
        max(value_date) filter (where field = 'expires_on') as expires_on,
        max(value_text) filter (where field = 'reason') as reason,
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
        requirement,
        valid_from,
        expires_on,
        reason,
        evidence,
        recorded_on,
        cast(recorded_on as timestamp) as recorded_at,
        false as is_example,
        'register:waivers#'
        || municipality_code
        || '|'
        || cast(requirement as string)
        || '|'
        || cast(valid_from as string)
            as source_ref,
        2 as preference
    from seeded
    union all
    select
        municipality_code,
        requirement,
        valid_from,
        expires_on,
        reason,
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
    requirement,
    valid_from,
    expires_on,
    reason,
    evidence,
    recorded_on,
    recorded_at,
    is_example,
    source_ref
from unioned
-- What the secretariat hands in later goes before the same row of the project's own register.
qualify
    row_number() over (partition by municipality_code, requirement, valid_from order by preference)
    = 1
