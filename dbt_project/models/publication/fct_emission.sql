with shown as (
    select * from {{ ref('int_indicator_values_computed') }}
    where is_shown
),

gpc_boundaries as (
    select code as boundary
    from {{ ref('reporting_choices') }}
    where list_id = 'gpc_boundaries'
),

-- One list of sectors serves every boundary of the Global Protocol.
sectors as (
    select
        sectors.sector_id,
        sectors.name_da,
        sectors.name_en,
        'ghg_' || coalesce(gpc_boundaries.boundary, sectors.boundary) || '_'
        || sectors.indicator_suffix as indicator_id
    from {{ ref('sectors') }} as sectors
    left join gpc_boundaries on sectors.boundary = 'gpc'
)

select
    shown.municipality_code,
    shown.boundary,
    sectors.sector_id,
    sectors.name_da as sector_name_da,
    sectors.name_en as sector_name_en,
    shown.year,
    shown.value as emission_tco2e,
    shown.notation_key,
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
