with municipalities as (
    select * from {{ ref('municipalities') }}
),

requirements as (
    select * from {{ ref('requirements') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
),

years as (
    {{ year_spine(1990, 2050) }}
)

select
    municipalities.municipality_code,
    requirements.requirement,
    years.year,
    cast(runs.as_of_at as date) as as_of_date,
    make_date(years.year, 1, 1) as start_date,
    make_date(years.year, 12, 31) as end_date
from municipalities
cross join requirements
cross join runs
inner join years
    on
        years.year between extract(year from requirements.applies_from_date)
        and extract(year from runs.as_of_at)
