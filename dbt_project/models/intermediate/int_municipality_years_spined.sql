{{ config(materialized='table') }}

with municipalities as (
    select * from {{ ref('municipalities') }}
),

municipality_regions as (
    select * from {{ ref('municipality_regions') }}
),

regions as (
    select * from {{ ref('regions') }}
),

structural_groups as (
    select * from {{ ref('panels') }}
    where kind = 'structural_group'
),

years as (
    select * from {{ ref('dim_year') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
)

select
    municipalities.municipality_code,
    years.year,
    municipalities.name_da,
    municipalities.name_en,
    municipality_regions.region_code,
    regions.name_da as region_name_da,
    regions.name_en as region_name_en,
    municipalities.structural_group_no,
    municipalities.structural_group_name_da,
    structural_groups.panel_name_en as structural_group_name_en,
    least(years.end_date, cast(runs.as_of_at as date)) as counted_on_date
from municipalities
inner join years on year(municipalities.valid_from_date) <= years.year
inner join runs on years.year <= year(runs.as_of_at)
inner join municipality_regions
    on
        municipalities.municipality_code = municipality_regions.municipality_code
        and years.end_date >= municipality_regions.valid_from_date
        and years.end_date <= coalesce(municipality_regions.valid_to_date, date '9999-12-31')
inner join regions on municipality_regions.region_code = regions.region_code
left join structural_groups
    on cast(municipalities.structural_group_no as string) = structural_groups.selector
