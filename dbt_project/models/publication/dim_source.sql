with sources as (
    select * from {{ ref('stg_control__sources') }}
),

source_states as (
    select * from {{ ref('stg_control__source_states') }}
)

select
    sources.source_id,
    sources.title,
    sources.producer,
    sources.provider,
    sources.provider_table,
    sources.licence,
    sources.licence_url,
    sources.attribution,
    sources.url,
    sources.documentation_url,
    sources.cadence,
    sources.owner,
    sources.asset,
    sources.staging_model,
    sources.redistribution_note,
    source_states.latest_period,
    source_states.provider_updated_at,
    source_states.last_accepted_at,
    source_states.last_looked_at,
    source_states.release_id,
    coalesce(source_states.state, 'not_configured') as state
from sources
left join source_states on sources.source_id = source_states.source_id
order by sources.source_id
