{{ config(materialized='table') }}

with paths as (
    select * from {{ ref('int_paths_unioned') }}
),

emissions as (
    select * from {{ ref('int_emission_values_selected') }}
),

series_breaks as (
    select * from {{ ref('series_breaks') }}
),

comparison_reasons as (
    select * from {{ ref('comparison_reasons') }}
),

-- A path says how far from its base year the emission is to be: both must be of one account. That
-- the emission itself is a lower bound is told apart, because it can still prove a delay.
actuals as (
    select
        emissions.municipality_code,
        paths.path_id,
        paths.base_year,
        emissions.year,
        emissions.indicator_id,
        emissions.value,
        emissions.definition_version,
        emissions.boundary,
        emissions.origin,
        emissions.gwp_set,
        emissions.grade_activity,
        emissions.grade_factor,
        emissions.evidence_class,
        emissions.is_observed,
        emissions.is_example,
        emissions.is_beside_real,
        emissions.source_ref,
        true as is_complete,
        not emissions.is_complete as is_lower_bound
    from paths
    inner join emissions
        on
            paths.municipality_code = emissions.municipality_code
            and paths.indicator_id = emissions.indicator_id
            and paths.base_year <= emissions.year
),

breaks as (
    select
        actuals.municipality_code,
        actuals.path_id,
        actuals.year,
        max(series_breaks.first_year) as first_year
    from actuals
    inner join series_breaks
        on
            actuals.indicator_id = series_breaks.indicator_id
            and actuals.base_year < series_breaks.first_year
            and actuals.year >= series_breaks.first_year
    group by actuals.municipality_code, actuals.path_id, actuals.year
),

compared as (
    select
        actuals.*,
        case
            when breaks.first_year is not null then 'series_break'
            when bases.value is null then 'base_not_in_series'
            when (actuals.origin = 'submitted') <> (bases.origin = 'submitted')
                then 'origin_changed'
            {{ comparability_barriers('actuals', 'bases') }}
            {{ comparability_cautions('actuals', 'bases') }}
        end as comparability_code
    from actuals
    left join emissions as bases
        on
            actuals.municipality_code = bases.municipality_code
            and actuals.indicator_id = bases.indicator_id
            and actuals.base_year = bases.year
    left join breaks
        on
            actuals.municipality_code = breaks.municipality_code
            and actuals.path_id = breaks.path_id
            and actuals.year = breaks.year
)

select
    compared.*,
    comparison_reasons.is_comparable,
    comparison_reasons.is_comparable and not compared.is_lower_bound as is_known
from compared
inner join comparison_reasons on compared.comparability_code = comparison_reasons.reason_code
