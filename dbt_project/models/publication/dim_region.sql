with regions as (
    select * from {{ ref('regions') }}
)

select
    region_code,
    name_da,
    name_en,
    code_status,
    valid_from_date,
    valid_to_date
from regions
order by region_code
