with indicators as (
    select * from {{ ref('int_indicators_selected') }}
)

select
    indicator_id,
    name_da,
    name_en,
    definition_da,
    definition_en,
    theme,
    unit,
    direction,
    kind,
    scale,
    aggregation,
    boundary,
    time_basis,
    first_year,
    min_denominator,
    valid_min,
    valid_max,
    origin_precedence,
    tolerance_rel,
    requirement,
    decimals,
    definition_version,
    valid_from_date,
    what_changed_da
from indicators
order by indicator_id
