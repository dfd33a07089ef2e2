with computed as (
    select * from {{ ref('int_indicator_values_computed') }}
),

sectors as (
    select * from {{ ref('sectors') }}
)

select
    computed.municipality_code,
    computed.boundary,
    sectors.sector_id,
    computed.year,
    computed.value as emission_tco2e,
    computed.notation_key,
    computed.reason_da as notation_explanation,
    computed.origin,
    computed.source_id,
    computed.source_ref,
    computed.recorded_at
from computed
inner join sectors
    on computed.indicator_id = 'ghg_' || sectors.boundary || '_' || sectors.sector_id
order by computed.municipality_code, computed.boundary, sectors.sector_id, computed.year
