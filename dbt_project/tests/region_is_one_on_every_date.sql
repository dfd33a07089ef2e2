-- Each municipality lies in exactly one region, itself in force, on the first and last day of
-- every year from 2007: the borders between two regions can only fall there.
with municipalities as (
    select * from {{ ref('municipalities') }}
),

municipality_regions as (
    select * from {{ ref('municipality_regions') }}
),

regions as (
    select * from {{ ref('regions') }}
),

years as (
    select * from {{ ref('dim_year') }}
),

days as (
    select start_date as day_date from years
    union all
    select end_date as day_date from years
),

placed as (
    select
        municipalities.municipality_code,
        days.day_date,
        count(regions.region_code) as region_count
    from municipalities
    inner join days on municipalities.valid_from_date <= days.day_date
    left join municipality_regions
        on
            municipalities.municipality_code = municipality_regions.municipality_code
            and days.day_date >= municipality_regions.valid_from_date
            and days.day_date <= coalesce(municipality_regions.valid_to_date, date '9999-12-31')
    left join regions
        on
            municipality_regions.region_code = regions.region_code
            and days.day_date >= regions.valid_from_date
            and days.day_date <= coalesce(regions.valid_to_date, date '9999-12-31')
    group by municipalities.municipality_code, days.day_date
)

select
    municipality_code,
    day_date,
    region_count,
    'A municipality lies in exactly one region.' as message
from placed
where region_count <> 1
