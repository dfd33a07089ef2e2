-- Σ sectors = total per municipality, boundary and year, within 0.5 t + 1e-6 of the total, wherever
-- one file gives the total and every sector of the boundary.
with totals as (
    select
        *,
        substr(source_ref, 1, instr(source_ref, '#')) as origin_file
    from {{ ref('fct_indicator') }}
),

emissions as (
    select
        *,
        substr(source_ref, 1, instr(source_ref, '#')) as origin_file
    from {{ ref('fct_emission') }}
),

sectors as (
    select
        boundary,
        count(*) as asked_sectors
    from {{ ref('int_sector_indicators_mapped') }}
    group by boundary
),

sector_sums as (
    select
        municipality_code,
        boundary,
        year,
        min(origin_file) as first_file,
        max(origin_file) as last_file,
        coalesce(sum(emission_tco2e), 0) as sectors_tco2e,
        count(*) as known_sectors
    from emissions
    where
        coalesce(notation_key, 'none') not in ('NE', 'C')
        -- Included elsewhere without a number there is not known either.
        and coalesce(reason_code, 'none') not like 'submitted_elsewhere%'
    group by municipality_code, boundary, year
)

select
    totals.municipality_code,
    totals.boundary,
    totals.year,
    totals.value as total_tco2e,
    sector_sums.sectors_tco2e,
    'The sectors do not add up to the total.' as message
from totals
inner join sector_sums
    on
        totals.municipality_code = sector_sums.municipality_code
        and totals.boundary = sector_sums.boundary
        and totals.year = sector_sums.year
        and totals.origin_file = sector_sums.first_file
        and totals.origin_file = sector_sums.last_file
inner join sectors
    on
        sector_sums.boundary = sectors.boundary
        and sector_sums.known_sectors = sectors.asked_sectors
where
    totals.indicator_id = 'ghg_' || totals.boundary
    and round(
        abs(totals.value - sector_sums.sectors_tco2e) - (0.5 + 1e-6 * abs(totals.value)), 6
    )
    > 0
