-- Zero-emission buses are among the fossil-free ones, and these among the green ones.
with shares as (
    select
        municipality_code,
        year,
        origin,
        max(value) filter (where indicator_id = 'bus_zero_emission_share') as zero_emission_pct,
        max(value) filter (where indicator_id = 'bus_fossil_free_share') as fossil_free_pct,
        max(value) filter (where indicator_id = 'bus_green_share') as green_pct
    from {{ ref('fct_indicator_value') }}
    group by municipality_code, year, origin
)

select
    *,
    'The bus shares must not fall from zero-emission to fossil-free to green.' as message
from shares
where
    zero_emission_pct > fossil_free_pct + 1e-9
    or fossil_free_pct > green_pct + 1e-9
    or zero_emission_pct > green_pct + 1e-9
