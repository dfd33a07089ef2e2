{%- set columns = [
    'value', 'source_ref', 'grade_activity', 'grade_factor', 'gwp_set', 'evidence_class',
] %}

with figures as (
    select * from {{ ref('int_comparable_figures_selected') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

sectors as (
    select * from {{ ref('int_sector_indicators_mapped') }}
),

comparison_reasons as (
    select * from {{ ref('comparison_reasons') }}
),

met as (
    select
        submitted.municipality_code,
        submitted.indicator_id,
        submitted.year,
        submitted.boundary,
        submitted.unit,
        {% for column in columns -%}
            submitted.{{ column }} as submitted_{{ column }},
            published.{{ column }} as public_{{ column }},
        {% endfor -%}
        published.origin as public_origin,
        indicators.tolerance_rel,
        sectors.total_id,
        submitted.value - published.value as diff,
        case when sectors.sector_id is not null then submitted.value - published.value end
            as sector_diff,
        coalesce(submitted.reason_code, published.reason_code) as reason_code,
        coalesce(submitted.reason_da, published.reason_da) as reason_da,
        coalesce(submitted.reason_en, published.reason_en) as reason_en,
        submitted.is_example or published.is_example as is_example,
        case
            when submitted.value is null or published.value is null then null
            {{ comparability_barriers('submitted', 'published', may_mix_examples=true) }}
            {{ comparability_cautions('submitted', 'published') }}
        end as comparability_code
    from figures as submitted
    inner join figures as published
        on
            submitted.municipality_code = published.municipality_code
            and submitted.indicator_id = published.indicator_id
            and submitted.year = published.year
    inner join indicators on submitted.indicator_id = indicators.indicator_id
    left join sectors on submitted.indicator_id = sectors.indicator_id
    where submitted.origin = 'submitted' and published.origin <> 'submitted'
)

select
    met.municipality_code,
    met.indicator_id,
    met.year,
    met.boundary,
    met.unit,
    {% for column in columns -%}
        met.submitted_{{ column }},
        met.public_{{ column }},
    {% endfor -%}
    met.public_origin,
    met.diff,
    100 * met.diff / nullif(abs(met.public_value), 0) as diff_rel_pct,
    100 * met.tolerance_rel as tolerance_pct,
    case
        when comparison_reasons.is_comparable
            -- The rounding of a sum is no difference.
            then round(abs(met.diff) - met.tolerance_rel * abs(met.public_value), 6) <= 0
    end as is_within_tolerance,
    -- On the row of the total alone: on every row, a sum over the table would count them again.
    {% for name, sum in {
        'net_sector_diff': 'sum(met.sector_diff)',
        'gross_sector_diff': 'sum(abs(met.sector_diff))',
        'sectors_compared': 'count(met.sector_diff)',
    }.items() -%}
        case
            when met.indicator_id = min(met.total_id) over boundary
                then {{ sum }} filter (where comparison_reasons.is_comparable) over boundary
        end as {{ name }},
    {% endfor -%}
    met.reason_code,
    met.reason_da,
    met.reason_en,
    met.comparability_code,
    comparison_reasons.text_da as comparability_da,
    comparison_reasons.text_en as comparability_en,
    met.is_example
from met
left join comparison_reasons on met.comparability_code = comparison_reasons.reason_code
window boundary as (partition by met.municipality_code, met.boundary, met.year)
order by met.municipality_code, met.indicator_id, met.year
