with publication_attempts as (
    select * from {{ ref('stg_control__publication_attempts') }}
)

select
    version,
    run_id,
    outcome,
    recorded_at,
    reason,
    transport,
    input_fingerprint,
    schema_version,
    released_by,
    released_at,
    release_reason,
    released_holds
from publication_attempts
order by recorded_at, run_id
