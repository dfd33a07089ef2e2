{{ config(materialized='table') }}

with members as (
    select * from {{ ref('int_panel_members_unioned') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

computed as (
    select * from {{ ref('int_indicator_values_computed') }}
    where is_shown
),

panels as (
    select
        panel_id,
        count(*) as municipalities_count
    from members
    group by panel_id
),

-- Not occurring and included elsewhere count as zero; a suppressed ratio still has its two parts.
terms as (
    select
        members.panel_id,
        computed.indicator_id,
        computed.year,
        indicators.aggregation,
        indicators.scale,
        computed.numerator,
        computed.denominator,
        computed.is_example,
        case
            when computed.status in ('not_occurring', 'included_elsewhere') then 0
            else computed.value
        end as amount
    from computed
    inner join members on computed.municipality_code = members.municipality_code
    inner join indicators on computed.indicator_id = indicators.indicator_id
    where indicators.aggregation <> 'none'
),

sums as (
    select
        panel_id,
        indicator_id,
        year,
        aggregation,
        scale,
        count(*) filter (
            where amount is not null
            or (aggregation = 'ratio_of_sums' and numerator + denominator is not null)
        ) as municipalities_with_value_count,
        bool_or(is_example) as is_example,
        sum(amount) as amount,
        max(amount) as largest_amount,
        sum(numerator) filter (where denominator is not null) as numerator,
        sum(denominator) filter (where numerator is not null) as denominator
    from terms
    group by panel_id, indicator_id, year, aggregation, scale
)

select
    sums.panel_id,
    sums.indicator_id,
    sums.year,
    panels.municipalities_count,
    sums.municipalities_with_value_count,
    sums.numerator,
    sums.denominator,
    sums.is_example,
    case
        when sums.municipalities_with_value_count < panels.municipalities_count then null
        when sums.aggregation = 'ratio_of_sums'
            then sums.scale * sums.numerator / nullif(sums.denominator, 0)
        when sums.aggregation = 'max' then sums.largest_amount
        else sums.amount
    end as value
from sums
inner join panels on sums.panel_id = panels.panel_id
