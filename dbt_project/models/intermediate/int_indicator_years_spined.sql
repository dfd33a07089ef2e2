with municipalities as (
    select * from {{ ref('municipalities') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

computed as (
    select * from {{ ref('int_indicator_values_computed') }}
),

years as (
    {{ year_spine(1990, 2050) }}
),

newest_years as (
    select
        indicator_id,
        max(year) as newest_year
    from computed
    group by indicator_id
),

-- What only providers publish ends with their newest year; a report may be missing any year.
spans as (
    select
        indicators.indicator_id,
        indicators.definition_version,
        indicators.boundary,
        indicators.unit,
        indicators.first_year,
        case
            when indicators.is_submittable then 'not_submitted'
            when newest_years.newest_year is null then 'source_empty'
            else 'no_public_value'
        end as absence_code,
        case
            when indicators.is_submittable then indicators.last_year
            else least(indicators.last_year, coalesce(newest_years.newest_year, 9999))
        end as last_year
    from indicators
    left join newest_years on indicators.indicator_id = newest_years.indicator_id
)

select
    municipalities.municipality_code,
    spans.indicator_id,
    years.year,
    spans.definition_version,
    spans.boundary,
    spans.unit,
    spans.absence_code
from spans
inner join years on years.year between spans.first_year and spans.last_year
cross join municipalities
