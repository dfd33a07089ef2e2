with sectors as (
    select * from {{ ref('sectors') }}
),

gpc_boundaries as (
    select code as boundary
    from {{ ref('reporting_choices') }}
    where list_id = 'gpc_boundaries'
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

-- One list of sectors serves every boundary of the Global Protocol.
placed as (
    select
        sectors.sector_id,
        sectors.name_da as sector_name_da,
        sectors.name_en as sector_name_en,
        sectors.indicator_suffix,
        coalesce(gpc_boundaries.boundary, sectors.boundary) as boundary
    from sectors
    left join gpc_boundaries on sectors.boundary = 'gpc'
)

select
    indicators.indicator_id,
    placed.boundary,
    placed.sector_id,
    placed.sector_name_da,
    placed.sector_name_en,
    'ghg_' || placed.boundary as total_id
from placed
inner join indicators
    on 'ghg_' || placed.boundary || '_' || placed.indicator_suffix = indicators.indicator_id
