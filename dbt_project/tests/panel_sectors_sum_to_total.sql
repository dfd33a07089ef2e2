-- Σ sectors = total for every panel, boundary and year where all municipalities have all of them,
-- within 0.5 t + 1e-6 of the total for each municipality.
with figures as (
    select * from {{ ref('fct_panel_indicator') }}
    where is_complete
),

sectors as (
    select * from {{ ref('int_sector_indicators_mapped') }}
),

asked as (
    select
        total_id,
        count(*) as asked_sectors
    from sectors
    group by total_id
),

sector_sums as (
    select
        figures.panel_id,
        figures.year,
        sectors.total_id,
        sum(figures.value) as sectors_tco2e,
        sum(abs(figures.value)) as magnitude_tco2e,
        count(*) as known_sectors,
        sum(figures.municipalities_submitted_count) as submitted_count
    from figures
    inner join sectors on figures.indicator_id = sectors.indicator_id
    group by figures.panel_id, figures.year, sectors.total_id
)

select
    totals.panel_id,
    totals.indicator_id,
    totals.year,
    totals.value as total_tco2e,
    sector_sums.sectors_tco2e,
    'The sectors of the panel do not add up to its total.' as message
from figures as totals
inner join sector_sums
    on
        totals.panel_id = sector_sums.panel_id
        and totals.year = sector_sums.year
        and totals.indicator_id = sector_sums.total_id
inner join asked
    on
        sector_sums.total_id = asked.total_id
        and sector_sums.known_sectors = asked.asked_sectors
where
    -- A total and its sectors are comparable when all of them are the provider's, or all reported.
    sector_sums.submitted_count = totals.municipalities_submitted_count * asked.asked_sectors
    and abs(totals.value - sector_sums.sectors_tco2e)
    > 0.5 * totals.municipalities_count + 1e-6 * sector_sums.magnitude_tco2e
