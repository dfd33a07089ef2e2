{{ config(materialized='table') }}

{%- set facts = ['unit', 'origin', 'source_id', 'definition_version', 'boundary'] %}
{%- set key = ['municipality_code', 'indicator_id', 'year'] %}
{%- set cell = 'partition by ' ~ key | join(', ') ~ ' order by publication_number' %}

with published as (
    select * from {{ ref('stg_control__published_values') }}
),

indicator_rows as (
    select * from {{ ref('fct_indicator') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
),

newest as (
    select
        runs.published_date,
        coalesce(max(published.publication_number), 0) + 1 as publication_number
    from runs
    left join published on true
    group by runs.published_date
),

cells as (
    select {{ key | join(', ') }} from published
    union
    select {{ key | join(', ') }} from indicator_rows
),

-- What is being published now is the newest vintage; a row that it lacks is one without a value.
vintages as (
    select
        municipality_code,
        indicator_id,
        year,
        vintage_date,
        publication_number,
        {{ facts | join(', ') }},
        case when not is_example and not is_removed then value end as value
    from published
    union all
    select
        cells.municipality_code,
        cells.indicator_id,
        cells.year,
        newest.published_date as vintage_date,
        newest.publication_number,
        {% for name in facts -%}
            indicator_rows.{{ name }},
        {% endfor -%}
        case when not indicator_rows.is_example then indicator_rows.value end as value
    from cells
    cross join newest
    left join indicator_rows
        on
            cells.municipality_code = indicator_rows.municipality_code
            and cells.indicator_id = indicator_rows.indicator_id
            and cells.year = indicator_rows.year
),

days as (
    select
        *,
        case
            when value is not null
                then concat_ws('/', unit, origin, source_id, definition_version, boundary)
        end as series
    from vintages
    qualify
        row_number() over (
            partition by municipality_code, indicator_id, year, vintage_date
            order by publication_number desc
        ) = 1
),

neighbours as (
    select
        *,
        lag(value) over ({{ cell }}) as value_before,
        lag(series) over ({{ cell }}) as series_before
    from days
)

select
    municipality_code,
    indicator_id,
    year,
    vintage_date,
    publication_number,
    {{ facts | join(', ') }},
    value,
    series
from neighbours
where
    value is distinct from value_before
    or (value is not null and series is distinct from series_before)
