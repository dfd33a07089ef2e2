with indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

comparison_reasons as (
    select * from {{ ref('comparison_reasons') }}
),

units as (
    select * from {{ ref('units') }}
)

select
    indicators.indicator_id,
    indicators.name_da,
    indicators.name_en,
    indicators.definition_da,
    indicators.definition_en,
    indicators.theme,
    indicators.unit,
    units.unit_da,
    indicators.direction,
    indicators.kind,
    indicators.scale,
    indicators.aggregation,
    indicators.boundary,
    indicators.time_basis,
    indicators.first_year,
    indicators.min_denominator,
    indicators.valid_min,
    indicators.valid_max,
    indicators.origin_precedence,
    indicators.tolerance_rel,
    indicators.requirement,
    indicators.decimals,
    indicators.definition_version,
    indicators.valid_from_date,
    indicators.definition_valid_to_date,
    indicators.what_changed_da,
    comparison_reasons.reason_code as definition_reason_code,
    comparison_reasons.text_da as definition_reason_da,
    comparison_reasons.text_en as definition_reason_en
from indicators
left join units on indicators.unit = units.unit
left join comparison_reasons
    on indicators.is_colliding and comparison_reasons.reason_code = 'definitions_collide'
order by indicators.indicator_id
