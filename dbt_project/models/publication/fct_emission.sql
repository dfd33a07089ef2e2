with shown as (
    select * from {{ ref('int_indicator_values_computed') }}
    where is_shown
),

sectors as (
    select * from {{ ref('int_sector_indicators_mapped') }}
)

select
    shown.municipality_code,
    shown.boundary,
    sectors.sector_id,
    sectors.sector_name_da,
    sectors.sector_name_en,
    shown.year,
    shown.value as emission_tco2e,
    shown.notation_key,
    shown.reason_code,
    shown.reason_da as notation_explanation,
    shown.gwp_set,
    shown.origin,
    shown.source_id,
    shown.source_ref,
    shown.recorded_at,
    shown.is_example
from shown
inner join sectors on shown.indicator_id = sectors.indicator_id
order by shown.municipality_code, shown.boundary, sectors.sector_id, shown.year
