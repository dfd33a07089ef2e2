-- Σ sectors = total per municipality and year, within 0.5 t + 1e-6 of the total.
with totals as (
    select * from {{ ref('fct_indicator_value') }}
),

emissions as (
    select * from {{ ref('fct_emission') }}
),

sector_sums as (
    select
        municipality_code,
        boundary,
        year,
        sum(emission_tco2e) as sectors_tco2e,
        count(*) filter (where notation_key in ('NE', 'C')) as unknown_sectors
    from emissions
    group by municipality_code, boundary, year
)

select
    totals.municipality_code,
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
where
    totals.indicator_id = 'ghg_' || totals.boundary
    and sector_sums.unknown_sectors = 0
    and abs(totals.value - sector_sums.sectors_tco2e) > 0.5 + 1e-6 * abs(totals.value)
