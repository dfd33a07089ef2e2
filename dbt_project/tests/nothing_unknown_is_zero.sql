-- A number stands only where an origin gave one: a cell that is not known is never 0, a 0 is a
-- reported 0 or a nil among figures, and coverage and figures tell the same.
with cells as (
    select * from {{ ref('fct_indicator') }}
),

coverage as (
    select * from {{ ref('fct_coverage') }}
),

inputs as (
    select distinct
        municipality_code,
        indicator_id,
        year
    from {{ ref('int_indicator_inputs_unioned') }}
    where value is not null
)

select
    cells.municipality_code,
    cells.indicator_id,
    cells.year,
    cells.value,
    coverage.is_known,
    'A cell that is not known holds a number.' as message
from cells
full outer join coverage
    on
        cells.municipality_code = coverage.municipality_code
        and cells.indicator_id = coverage.indicator_id
        and cells.year = coverage.year
left join inputs
    on
        cells.municipality_code = inputs.municipality_code
        and cells.indicator_id = inputs.indicator_id
        and cells.year = inputs.year
where
    coverage.indicator_id is null
    or cells.indicator_id is null
    or (
        cells.value is not null
        and (
            not coverage.is_known
            or not (coverage.has_submitted or coverage.has_public)
            or inputs.indicator_id is null
        )
    )
