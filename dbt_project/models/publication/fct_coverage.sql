with cells as (
    select * from {{ ref('fct_indicator') }}
),

figures as (
    select * from {{ ref('int_indicator_values_computed') }}
),

expected as (
    select * from {{ ref('int_expected_sources_selected') }}
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

placed as (
    select
        cells.*,
        case
            when cells.reason_code = 'denominator_missing'
                then coalesce(expected.denominator_source_id, expected.source_id)
            else expected.source_id
        end as expected_source_id
    from cells
    inner join expected on cells.indicator_id = expected.indicator_id
)

select
    placed.municipality_code,
    placed.indicator_id,
    placed.year,
    placed.status,
    placed.is_complete,
    placed.evidence_class,
    placed.reason_code,
    placed.reason_da,
    placed.reason_en,
    placed.expected_source_id,
    sources.state as expected_source_state,
    placed.is_example,
    placed.value is not null or placed.status = 'not_occurring' as is_known,
    coalesce(origins.has_submitted, false) as has_submitted,
    coalesce(origins.has_public, false) as has_public
from placed
left join origins
    on
        placed.municipality_code = origins.municipality_code
        and placed.indicator_id = origins.indicator_id
        and placed.year = origins.year
left join sources on placed.expected_source_id = sources.source_id
order by placed.municipality_code, placed.indicator_id, placed.year
