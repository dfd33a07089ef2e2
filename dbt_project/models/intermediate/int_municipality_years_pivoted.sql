with shown as (
    select * from {{ ref('int_indicator_values_computed') }}
    where is_shown
)

select
    municipality_code,
    year,
    -- An example without a number, such as a notation key, does not mark the row.
    coalesce(bool_or(is_example) filter (where value is not null), false) as is_example,
    {{ pivoted_origins() }},
    {{ pivoted_values() }}
from shown
group by municipality_code, year
