with judged as (
    select * from {{ ref('int_indicator_values_judged') }}
    -- A bound on the key lets the engine leave out all that are no emissions.
    where substr(indicator_id, 1, 4) = 'ghg_'
),

sectors as (
    select * from {{ ref('int_sector_indicators_mapped') }}
),

value_reasons as (
    select * from {{ ref('value_reasons') }}
),

members as (
    select
        indicator_id,
        total_id,
        false as is_total
    from sectors
    union all
    select distinct
        total_id as indicator_id,
        total_id,
        true as is_total
    from sectors
),

figures as (
    select
        judged.municipality_code,
        judged.indicator_id,
        judged.year,
        judged.origin,
        judged.known_amount,
        members.total_id,
        members.is_total,
        judged.reason_code is null as is_number,
        coalesce(value_reasons.notation_key, 'none') as notation_key,
        coalesce(value_reasons.is_complete, true) as is_complete
    from judged
    inner join members on judged.indicator_id = members.indicator_id
    left join value_reasons on judged.reason_code = value_reasons.reason_code
),

counted as (
    select
        municipality_code,
        indicator_id,
        year,
        origin,
        is_total,
        is_number,
        count(*) filter (where not is_total and not is_complete and notation_key <> 'C')
            over boundary as unestimated_sectors,
        count(*) filter (where not is_total and notation_key = 'C') over boundary
            as confidential_sectors,
        count(*) filter (where is_total and is_number) over boundary as known_totals,
        -- Of what would tell the confidential sector, the least figure is given up: 0 hides
        -- nothing, and the total is worth more than any sector.
        row_number() over (
            partition by municipality_code, total_id, year, origin
            order by
                not is_number,
                known_amount = 0,
                is_total,
                abs(known_amount),
                indicator_id
        ) as withholding_order
    from figures
    window boundary as (partition by municipality_code, total_id, year, origin)
)

select
    municipality_code,
    indicator_id,
    year,
    origin,
    is_total and is_number and unestimated_sectors > 0 as is_lower_bound,
    origin = 'submitted'
    and is_number
    and confidential_sectors = 1
    and known_totals > 0
    and withholding_order = 1 as is_withheld
from counted
