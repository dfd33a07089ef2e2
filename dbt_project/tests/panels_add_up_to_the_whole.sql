-- Σ municipalities by region = Σ by structural group = all municipalities = the direct sum over the
-- shown values, for figures and parts of figures, and for the municipalities counted in them.
with panels as (
    select * from {{ ref('dim_panel') }}
    where kind in ('all', 'region', 'structural_group')
),

figures as (
    select * from {{ ref('fct_panel_indicator') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
    where aggregation in ('sum', 'ratio_of_sums')
),

shown as (
    select * from {{ ref('fct_indicator') }}
),

added as (
    select
        panels.kind as way,
        figures.indicator_id,
        figures.year,
        sum(figures.municipalities_count) as municipalities,
        sum(figures.municipalities_with_value_count) as with_value,
        case when count(figures.reason_code) = 0 then sum(figures.denominator) end as denominator,
        sum(
            case indicators.aggregation
                when 'sum' then coalesce(figures.value, figures.known_sum)
                else figures.numerator
            end
        ) as amount,
        sum(
            abs(coalesce(figures.numerator, figures.value, figures.known_sum))
        ) as magnitude,
        indicators.aggregation = 'ratio_of_sums' and count(figures.reason_code) > 0 as is_unknown
    from figures
    inner join panels on figures.panel_id = panels.panel_id
    inner join indicators on figures.indicator_id = indicators.indicator_id
    group by panels.kind, figures.indicator_id, figures.year, indicators.aggregation
    union all
    select
        'direct' as way,
        shown.indicator_id,
        shown.year,
        cast(null as bigint) as municipalities,
        count(*) as with_value,
        cast(null as double) as denominator,
        sum(coalesce(shown.value, 0)) as amount,
        sum(abs(shown.value)) as magnitude,
        false as is_unknown
    from shown
    inner join indicators
        on shown.indicator_id = indicators.indicator_id and indicators.aggregation = 'sum'
    where shown.value is not null or shown.status in ('not_occurring', 'included_elsewhere')
    group by shown.indicator_id, shown.year
)

select
    parts.way,
    parts.indicator_id,
    parts.year,
    parts.amount as parts_amount,
    wholes.amount as whole_amount,
    'The parts do not add up to all municipalities.' as message
from added as parts
inner join added as wholes
    on parts.indicator_id = wholes.indicator_id and parts.year = wholes.year and wholes.way = 'all'
where
    parts.municipalities <> wholes.municipalities
    or parts.with_value <> wholes.with_value
    or (
        not parts.is_unknown
        and not wholes.is_unknown
        and greatest(
            abs(coalesce(parts.amount, 0) - coalesce(wholes.amount, 0)),
            coalesce(abs(parts.denominator - wholes.denominator), 0)
        )
        > 1e-9 * (1 + coalesce(wholes.magnitude, 0) + coalesce(wholes.denominator, 0))
    )
