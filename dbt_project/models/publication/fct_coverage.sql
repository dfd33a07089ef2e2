with cells as (
    select * from {{ ref('fct_indicator') }}
),

figures as (
    select * from {{ ref('int_indicator_values_computed') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

inputs as (
    select * from {{ ref('int_indicator_inputs_mapped') }}
),

sources as (
    select * from {{ ref('dim_source') }}
),

origins as (
    select
        municipality_code,
        indicator_id,
        year,
        coalesce(bool_or(value is not null) filter (where origin = 'submitted'), false)
            as has_submitted,
        coalesce(bool_or(value is not null) filter (where origin <> 'submitted'), false)
            as has_public
    from figures
    group by municipality_code, indicator_id, year
),

public_sources as (
    select
        indicator_id,
        max(source_id) as source_id
    from figures
    where origin <> 'submitted'
    group by indicator_id
),

declared_sources as (
    select
        inputs.indicator_id,
        min(sources.source_id) as source_id
    from inputs
    inner join sources on inputs.dataset = sources.source_id
    where inputs.role <> 'denominator'
    group by inputs.indicator_id
),

expected as (
    select
        indicators.indicator_id,
        case
            when indicators.is_submittable then 'municipal_submissions'
            else coalesce(public_sources.source_id, declared_sources.source_id)
        end as source_id
    from indicators
    left join public_sources on indicators.indicator_id = public_sources.indicator_id
    left join declared_sources on indicators.indicator_id = declared_sources.indicator_id
)

select
    cells.municipality_code,
    cells.indicator_id,
    cells.year,
    cells.status,
    cells.is_complete,
    cells.evidence_class,
    cells.reason_code,
    cells.reason_da,
    cells.reason_en,
    expected.source_id as expected_source_id,
    sources.state as expected_source_state,
    cells.is_example,
    cells.value is not null or cells.status = 'not_occurring' as is_known,
    coalesce(origins.has_submitted, false) as has_submitted,
    coalesce(origins.has_public, false) as has_public
from cells
inner join expected on cells.indicator_id = expected.indicator_id
left join origins
    on
        cells.municipality_code = origins.municipality_code
        and cells.indicator_id = origins.indicator_id
        and cells.year = origins.year
left join sources on expected.source_id = sources.source_id
order by cells.municipality_code, cells.indicator_id, cells.year
