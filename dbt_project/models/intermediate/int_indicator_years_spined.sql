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
    where origin <> 'submitted'
    group by indicator_id
),

-- What only providers publish ends with their newest year; a report may be missing any year.
spans as (
    select
        indicators.indicator_id,
        indicators.first_year,
        case
            when indicators.is_submittable then indicators.last_year
            else least(indicators.last_year, coalesce(newest_years.newest_year, 9999))
        end as last_year
    from indicators
    left join newest_years on indicators.indicator_id = newest_years.indicator_id
),

-- A report from outside the span adds its own cell and no other municipality's.
cells as (
    select
        municipalities.municipality_code,
        spans.indicator_id,
        years.year
    from spans
    inner join years on years.year between spans.first_year and spans.last_year
    cross join municipalities
    union all
    select
        computed.municipality_code,
        computed.indicator_id,
        computed.year
    from computed
    inner join spans on computed.indicator_id = spans.indicator_id
    where
        computed.origin = 'submitted'
        and computed.is_shown
        and not computed.year between spans.first_year and spans.last_year
)

select
    cells.municipality_code,
    cells.indicator_id,
    cells.year,
    indicators.definition_version,
    indicators.boundary,
    indicators.unit,
    case
        when indicators.is_submittable then 'not_submitted'
        when newest_years.newest_year is null then 'source_empty'
        else 'no_public_value'
    end as absence_code
from cells
inner join indicators on cells.indicator_id = indicators.indicator_id
left join newest_years on cells.indicator_id = newest_years.indicator_id
