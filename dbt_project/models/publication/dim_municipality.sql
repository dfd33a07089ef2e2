with municipalities as (
    select * from {{ ref('municipalities') }}
),

municipality_regions as (
    select * from {{ ref('municipality_regions') }}
),

regions as (
    select * from {{ ref('regions') }}
),

alliance_panels as (
    select * from {{ ref('alliance_panels') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
),

structural_groups as (
    select * from {{ ref('panels') }}
    where kind = 'structural_group'
),

pilots as (
    select municipality_code
    from alliance_panels
    where panel_id = 'dk2020_pilots_listed'
)

select
    municipalities.municipality_code,
    municipalities.name_da,
    municipalities.name_en,
    municipality_regions.region_code,
    regions.name_da as region_name_da,
    regions.name_en as region_name_en,
    municipalities.price_area,
    municipalities.structural_group_no,
    municipalities.structural_group_name_da,
    structural_groups.panel_name_en as structural_group_name_en,
    municipalities.valid_from_date,
    municipalities.valid_to_date,
    pilots.municipality_code is not null as is_dk2020_pilot_listed
from municipalities
cross join runs
inner join municipality_regions
    on
        municipalities.municipality_code = municipality_regions.municipality_code
        and cast(runs.as_of_at as date) >= municipality_regions.valid_from_date
        and cast(runs.as_of_at as date)
        <= coalesce(municipality_regions.valid_to_date, date '9999-12-31')
inner join regions on municipality_regions.region_code = regions.region_code
left join structural_groups
    on cast(municipalities.structural_group_no as string) = structural_groups.selector
left join pilots on municipalities.municipality_code = pilots.municipality_code
order by municipalities.municipality_code
