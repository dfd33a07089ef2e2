{%- set counted = {
    'population': 'population',
    'emissions': 'ghg_danish_account',
    'passenger_cars': 'passenger_cars',
    'household_cars': 'car_zero_emission_share',
    'dwellings': 'fossil_heated_dwelling_share',
    'capacity': 're_capacity_solar_kw_per_capita',
} -%}

with aggregates as (
    select * from {{ ref('int_panel_indicators_aggregated') }}
)

select
    panel_id,
    year,
    max(municipalities_count) as municipalities_count,
    max(municipalities_unconfirmed_count) as municipalities_unconfirmed_count,
    -- What the row does not show, such as a part of the members, does not mark it.
    coalesce(bool_or(is_example) filter (where value is not null), false) as is_example,
    {% for name, indicator in counted.items() -%}
        coalesce(
            max(municipalities_with_value_count) filter (where indicator_id = '{{ indicator }}'), 0
        ) as municipalities_with_{{ name }}_count,
    {% endfor -%}
    coalesce(
        max(municipalities_submitted_count) filter (where indicator_id = 'ghg_danish_account'), 0
    ) as municipalities_with_own_emissions_count,
    coalesce(bool_or(is_complete) filter (where indicator_id = 'ghg_danish_account'), false)
        as is_complete,
    {{ pivoted_values(is_panel=true) }}
from aggregates
group by panel_id, year
