-- A mapped input never vanishes: each municipality, indicator, year and class of origin with a
-- value or numerator has its row in the fact table.
with inputs as (
    select distinct
        municipality_code,
        indicator_id,
        year,
        origin_class
    from {{ ref('int_indicator_inputs_unioned') }}
    where not is_denominator
),

indicator_values as (
    select * from {{ ref('fct_indicator_value') }}
)

select
    inputs.municipality_code,
    inputs.indicator_id,
    inputs.year,
    'An accepted figure did not reach the fact table.' as message
from inputs
left join indicator_values
    on
        inputs.municipality_code = indicator_values.municipality_code
        and inputs.indicator_id = indicator_values.indicator_id
        and inputs.year = indicator_values.year
        and (inputs.origin_class = 'submitted') = (indicator_values.origin = 'submitted')
where indicator_values.indicator_id is null
