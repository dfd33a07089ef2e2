with aggregated as (
    select * from {{ ref('int_panel_indicators_aggregated') }}
),

panel_reasons as (
    select * from {{ ref('panel_reasons') }}
)

select
    aggregated.panel_id,
    aggregated.indicator_id,
    aggregated.year,
    aggregated.value,
    aggregated.unit,
    aggregated.municipalities_count,
    aggregated.municipalities_with_value_count,
    aggregated.municipalities_submitted_count,
    aggregated.municipalities_unconfirmed_count,
    aggregated.numerator,
    aggregated.denominator,
    aggregated.known_sum,
    aggregated.is_complete,
    aggregated.reason_code,
    {% for language in ['da', 'en'] -%}
        replace(
            replace(
                panel_reasons.text_{{ language }},
                '{known}',
                cast(aggregated.municipalities_with_value_count as string)
            ),
            '{members}',
            cast(aggregated.municipalities_count as string)
        ) as reason_{{ language }},
    {% endfor -%}
    aggregated.definition_version,
    aggregated.boundary,
    aggregated.is_example
from aggregated
left join panel_reasons on aggregated.reason_code = panel_reasons.reason_code
order by aggregated.panel_id, aggregated.indicator_id, aggregated.year
