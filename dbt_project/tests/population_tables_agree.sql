-- Where both tables give the population on 1 January they give the same number.
with quarterly as (
    select * from {{ ref('stg_statbank__population_quarterly') }}
    where quarter_no = 1
),

monthly as (
    select * from {{ ref('stg_statbank__population_monthly') }}
    where month_no = 1
)

select
    quarterly.municipality_code,
    quarterly.year,
    quarterly.population as quarterly_population,
    monthly.population as monthly_population,
    'FOLK1A and FOLK1AM differ on 1 January.' as message
from quarterly
inner join monthly
    on
        quarterly.municipality_code = monthly.municipality_code
        and quarterly.year = monthly.year
where quarterly.population <> monthly.population
