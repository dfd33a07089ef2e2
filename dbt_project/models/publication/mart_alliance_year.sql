with panels as (
    select * from {{ ref('panels') }}
),

wide as (
    select * from {{ ref('int_panel_years_pivoted') }}
)

select
    wide.panel_id,
    wide.year,
    panels.panel_name_da,
    panels.panel_name_en,
    panels.kind as panel_kind,
    wide.municipalities_count,
    wide.municipalities_unconfirmed_count,
    {{ indicator_names('wide', is_panel=true) }},
    {% for name in [
        'population', 'emissions', 'own_emissions', 'passenger_cars', 'household_cars',
        'dwellings', 'capacity',
    ] -%}
        wide.municipalities_with_{{ name }}_count,
    {% endfor -%}
    wide.is_complete,
    wide.is_example
from wide
inner join panels on wide.panel_id = panels.panel_id
order by wide.panel_id, wide.year
