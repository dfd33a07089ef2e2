with shown as (
    select * from {{ ref('int_indicator_values_computed') }}
    where is_shown
)

select
    municipality_code,
    year,
    bool_or(is_example) as is_example,
    {% for indicator in indicators_of_two_origins() -%}
        max(origin) filter (where indicator_id = '{{ indicator }}' and value is not null)
            as {{ indicator }}_tco2e_origin,
    {% endfor -%}
    {{ pivoted_values() }}
from shown
group by municipality_code, year
