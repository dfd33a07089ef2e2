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

-- Not occurring is 0, in a ratio 0 of 0, and what is included elsewhere is 0 here; a suppressed
-- ratio still has its two parts, while one that is given as it is has none to add up. Decimals
-- add up to the same figure in any order, floating-point numbers do not.
terms as (
    select
        municipality_code,
        indicator_id,
        year,
        is_complete,
        is_example,
        origin = 'submitted' as is_submitted,
        try_cast(
            case when status in ('not_occurring', 'included_elsewhere') then 0 else value end
            as decimal(38, 12)
        ) as amount,
        try_cast(case when status = 'not_occurring' then 0 else numerator end as decimal(38, 12))
            as numerator,
        try_cast(case when status = 'not_occurring' then 0 else denominator end as decimal(38, 12))
            as denominator
    from computed
),

usable as (
    select terms.*
    from terms
    inner join indicators on terms.indicator_id = indicators.indicator_id
    where
        case indicators.aggregation
            when 'ratio_of_sums' then terms.numerator is not null and terms.denominator is not null
            else terms.amount is not null
        end
)

select
    members.panel_id,
    usable.indicator_id,
    usable.year,
    cast(sum(usable.amount) as double) as amount,
    cast(max(usable.amount) as double) as largest_amount,
    cast(sum(usable.numerator) as double) as numerator,
    cast(sum(usable.denominator) as double) as denominator,
    count(*) as municipalities_with_value_count,
    count(*) filter (where usable.is_submitted) as municipalities_submitted_count,
    bool_and(usable.is_complete) as is_complete,
    bool_or(usable.is_example) as is_example
from usable
inner join members
    on usable.municipality_code = members.municipality_code and usable.year = members.year
group by members.panel_id, usable.indicator_id, usable.year
