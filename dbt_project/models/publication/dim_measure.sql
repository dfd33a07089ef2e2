with measures as (
    select * from {{ ref('measures') }}
)

select
    measure_id,
    table_name,
    column_name,
    name_da,
    name_en,
    unit,
    formula_da,
    formula_en,
    calculation,
    source
from measures
order by measure_id
