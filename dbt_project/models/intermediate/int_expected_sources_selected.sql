{{ config(materialized='table') }}

with figures as (
    select * from {{ ref('int_indicator_values_computed') }}
    where origin <> 'submitted'
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

inputs as (
    select * from {{ ref('int_indicator_inputs_mapped') }}
),

sources as (
    select * from {{ ref('stg_control__sources') }}
),

source_states as (
    select * from {{ ref('stg_control__source_states') }}
    where state <> 'retired'
),

runs as (
    select * from {{ ref('stg_control__runs') }}
),

public_sources as (
    select
        indicator_id,
        max(source_id) as source_id
    from figures
    group by indicator_id
),

-- A data set of several tables has the name of none; the figures made of it know them.
named as (
    select
        inputs.dataset,
        min(figures.source_id) as source_id
    from inputs
    inner join figures on inputs.indicator_id = figures.indicator_id
    where inputs.role <> 'denominator'
    group by inputs.dataset
),

declared_sources as (
    select
        inputs.indicator_id,
        min(sources.source_id) filter (where inputs.role <> 'denominator') as source_id,
        min(coalesce(sources.source_id, named.source_id)) filter (where inputs.role = 'denominator')
            as denominator_source_id
    from inputs
    left join sources on inputs.dataset = sources.source_id
    left join named on inputs.dataset = named.dataset
    group by inputs.indicator_id
),

-- Yearly tables whose next year should be out by now; more than one when a whole year has passed.
overdue as (
    select
        source_states.source_id,
        cast(substr(source_states.latest_period, 1, 4) as integer) as published_year,
        year(runs.as_of_at) - year(source_states.next_expected_date)
        + case
            when
                100 * month(runs.as_of_at) + day(runs.as_of_at)
                >= 100 * month(source_states.next_expected_date)
                + day(source_states.next_expected_date)
                then 1
            else 0
        end as years_due
    from source_states
    inner join runs on source_states.next_expected_date < cast(runs.as_of_at as date)
    where length(source_states.latest_period) = 4
),

expected as (
    select
        indicators.indicator_id,
        declared_sources.denominator_source_id,
        case
            when indicators.is_submittable then 'municipal_submissions'
            else coalesce(public_sources.source_id, declared_sources.source_id)
        end as source_id
    from indicators
    left join public_sources on indicators.indicator_id = public_sources.indicator_id
    left join declared_sources on indicators.indicator_id = declared_sources.indicator_id
)

select
    expected.indicator_id,
    expected.source_id,
    expected.denominator_source_id,
    overdue.published_year,
    overdue.published_year + overdue.years_due as expected_year
from expected
left join overdue on expected.source_id = overdue.source_id
