{%- set statuses = [
    'reported', 'not_occurring', 'included_elsewhere', 'not_estimated', 'confidential',
    'suppressed', 'missing',
] %}

with coverage as (
    select * from {{ ref('fct_coverage') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
)

select
    coverage.indicator_id,
    coverage.year,
    indicators.name_da,
    indicators.name_en,
    indicators.theme,
    indicators.unit,
    indicators.unit_da,
    indicators.requirement,
    count(*) as municipalities,
    count(*) filter (where coverage.is_known) as municipalities_known,
    count(*) filter (where coverage.is_known and not coverage.is_complete)
        as municipalities_lower_bound,
    count(*) filter (where coverage.is_known and coverage.is_example) as municipalities_example,
    {% for status in statuses -%}
        count(*) filter (where coverage.status = '{{ status }}') as municipalities_{{ status }},
    {% endfor -%}
    100.0 * count(*) filter (where coverage.is_known and not coverage.is_example) / count(*)
        as known_share_pct
from coverage
inner join indicators on coverage.indicator_id = indicators.indicator_id
group by all
order by coverage.indicator_id, coverage.year
