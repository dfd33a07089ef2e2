with shown as (
    select * from {{ ref('int_indicator_values_computed') }}
    where is_shown
)

select
    municipality_code,
    year,
    bool_or(is_example) as is_example,
    {{ pivoted_origins() }},
    {{ pivoted_values() }}
from shown
group by municipality_code, year
