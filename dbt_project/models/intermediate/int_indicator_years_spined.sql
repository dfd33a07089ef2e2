with municipalities as (
    select * from {{ ref('municipalities') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

computed as (
    select * from {{ ref('int_indicator_values_computed') }}
),

expected_sources as (
    select * from {{ ref('int_expected_sources_selected') }}
),

years as (
    {{ year_spine(1990, 2050) }}
),

newest_years as (
    select
        indicator_id,
        max(year) filter (where origin <> 'submitted') as newest_year,
        max(year) filter (where origin = 'submitted' and is_shown) as reported_year
    from computed
    group by indicator_id
),

-- What only providers publish ends with the newest year that they or a report have, or should have
-- published by now; a report may be missing any year.
spans as (
    select
        indicators.indicator_id,
        indicators.first_year,
        newest_years.newest_year,
        expected_sources.published_year,
        expected_sources.expected_year,
        case
            when indicators.is_submittable or newest_years.newest_year is null
                then indicators.last_year
            else
                least(
                    indicators.last_year,
                    greatest(
                        newest_years.newest_year,
                        coalesce(newest_years.reported_year, newest_years.newest_year),
                        coalesce(expected_sources.expected_year, newest_years.newest_year)
                    )
                )
        end as last_year
    from indicators
    inner join expected_sources on indicators.indicator_id = expected_sources.indicator_id
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
        when spans.newest_year is null then 'source_empty'
        when cells.year > spans.published_year and cells.year <= spans.expected_year
            then 'source_late'
        when cells.year > greatest(spans.newest_year, coalesce(spans.expected_year, 0))
            then 'not_yet_published'
        else 'no_public_value'
    end as absence_code
from cells
inner join indicators on cells.indicator_id = indicators.indicator_id
inner join spans on cells.indicator_id = spans.indicator_id
