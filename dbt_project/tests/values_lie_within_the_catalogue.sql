-- A value outside the catalogue's bounds is a slipped unit or a shifted row, not news; sums and
-- ratios may miss a bound by their rounding.
with indicator_values as (
    select * from {{ ref('fct_indicator_value') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
)

select
    indicator_values.municipality_code,
    indicator_values.indicator_id,
    indicator_values.year,
    indicator_values.value,
    indicators.valid_min,
    indicators.valid_max,
    'The value lies outside the bounds of the catalogue.' as message
from indicator_values
inner join indicators on indicator_values.indicator_id = indicators.indicator_id
where
    greatest(
        indicators.valid_min - indicator_values.value,
        indicator_values.value - indicators.valid_max
    )
    > 1e-12 * greatest(abs(indicators.valid_min), abs(indicators.valid_max))
