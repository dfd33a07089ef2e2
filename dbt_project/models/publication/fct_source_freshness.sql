with sources as (
    select * from {{ ref('stg_control__sources') }}
),

source_states as (
    select * from {{ ref('stg_control__source_states') }}
)

select
    sources.source_id,
    source_states.reason,
    source_states.last_looked_at,
    source_states.last_changed_at,
    source_states.last_accepted_at,
    source_states.provider_updated_at,
    source_states.latest_period,
    source_states.next_expected_date,
    source_states.age_days,
    source_states.release_id,
    source_states.rows_read,
    source_states.rows_accepted,
    source_states.rows_set_aside,
    source_states.rows_quarantined,
    source_states.transport,
    coalesce(source_states.state, 'not_configured') as state
from sources
left join source_states on sources.source_id = source_states.source_id
order by sources.source_id
