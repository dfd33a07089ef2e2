with seeded as (
    select * from {{ ref('meetings') }}
),

cells as (
    select * from {{ ref('int_register_cells_selected') }}
    where block = 'meetings'
),

registered as (
    select
        max(value_text) filter (where field = 'meeting_id') as meeting_id,
        max(value_text) filter (where field = 'kind') as kind,
        max(value_date) filter (where field = 'held_on') as held_on,
        max(value_text) filter (where field = 'title_da') as title_da,
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
        meeting_id,
        kind,
        held_on,
        title_da,
        evidence_da,
        evidence_link,
        recorded_on,
        cast(recorded_on as timestamp) as recorded_at,
        false as is_example,
        'register:meetings#' || meeting_id as source_ref,
        2 as preference
    from seeded
    union all
    select
        meeting_id,
        kind,
        held_on,
        title_da,
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
    meeting_id,
    kind,
    held_on,
    title_da,
    evidence_da,
    evidence_link,
    recorded_on,
    recorded_at,
    is_example,
    source_ref
from unioned
-- What the secretariat hands in later goes before the same row of the project's own register.
qualify row_number() over (partition by meeting_id order by preference) = 1
