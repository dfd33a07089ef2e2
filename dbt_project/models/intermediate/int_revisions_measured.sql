{{ config(materialized='table') }}

{%- set cell = 'partition by municipality_code, indicator_id, year order by publication_number' %}
{%- set run = 'partition by municipality_code, indicator_id, year, series_number '
    ~ 'order by publication_number' %}

with vintages as (
    select * from {{ ref('int_vintages_selected') }}
),

-- A withdrawn value has no series of its own: it ends no series.
told as (
    select
        *,
        last_value(series ignore nulls) over ({{ cell }}) as series_told,
        lead(publication_number) over ({{ cell }}) as next_number
    from vintages
),

neighbours as (
    select
        *,
        lag(series_told) over ({{ cell }}) as series_before
    from told
),

series_numbered as (
    select
        *,
        sum(case when series_told is distinct from series_before then 1 else 0 end)
            over ({{ cell }}) as series_number
    from neighbours
)

select
    municipality_code,
    indicator_id,
    year,
    vintage_date,
    publication_number,
    next_number,
    series,
    series_number,
    value,
    unit,
    origin,
    source_id,
    definition_version,
    boundary,
    row_number() over ({{ run }}) - 1 as revision_number,
    lag(value) over ({{ run }}) as previous_value,
    lag(vintage_date) over ({{ run }}) as previous_vintage_date,
    first_value(value) over ({{ run }}) as first_value,
    first_value(vintage_date) over ({{ run }}) as first_vintage_date,
    value - lag(value) over ({{ run }}) as revision_abs
from series_numbered
