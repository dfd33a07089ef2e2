with key_figures as (
    select * from {{ ref('stg_klimaregnskabet__key_figures') }}
)

select
    municipality_code,
    year,
    value,
    value_missing as missing,
    source_id,
    release_id,
    row_key,
    recorded_at,
    source_id as dataset,
    measure || '/' || sector as provider_code
from key_figures
