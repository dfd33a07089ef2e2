with years as (
    {{ year_spine(1990, 2050) }}
)

select
    year,
    make_date(year, 1, 1) as start_date,
    make_date(year, 12, 31) as end_date,
    year >= 2021 as is_declaration_year
from years
order by year
