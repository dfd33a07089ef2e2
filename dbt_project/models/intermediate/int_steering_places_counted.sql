with seats as (
    select * from {{ ref('int_steering_seats_dated') }}
),

regions as (
    select * from {{ ref('regions') }}
),

rules as (
    select * from {{ ref('steering_rules') }}
),

spans as (
    select distinct
        from_date,
        to_date
    from seats
),

counted as (
    select
        'seats_per_region' as rule_code,
        regions.region_code as place_code,
        spans.from_date,
        spans.to_date,
        count(seats.municipality_code) as observed_number,
        coalesce(bool_or(seats.is_open_ended), false) as is_open_ended,
        coalesce(bool_or(seats.is_example), false) as is_example
    from spans
    inner join regions
        on
            spans.from_date >= regions.valid_from_date
            and spans.from_date <= coalesce(regions.valid_to_date, spans.from_date)
    left join seats
        on spans.from_date = seats.from_date and regions.region_code = seats.region_code
    group by all
    union all
    select
        'seats_total' as rule_code,
        'alliance' as place_code,
        from_date,
        to_date,
        count(municipality_code) as observed_number,
        bool_or(is_open_ended) as is_open_ended,
        bool_or(is_example) as is_example
    from seats
    group by all
    union all
    select
        'one_chair' as rule_code,
        'alliance' as place_code,
        from_date,
        to_date,
        count(municipality_code) filter (where is_chair) as observed_number,
        bool_or(is_open_ended) as is_open_ended,
        bool_or(is_example) as is_example
    from seats
    group by all
    union all
    select
        rules.rule_code,
        seats.municipality_code as place_code,
        seats.from_date,
        seats.to_date,
        count(*) filter (
            where '|' || rules.accepted_values || '|' like '%|' || seats.membership_status || '|%'
        ) as observed_number,
        -- Nobody knows the members of the alliance for certain.
        true as is_open_ended,
        bool_or(seats.is_example) as is_example
    from seats
    inner join rules
        on
            rules.rule_code = 'members_only'
            and seats.from_date >= rules.valid_from_date
            and seats.from_date <= coalesce(rules.valid_to_date, seats.from_date)
    where seats.municipality_code is not null
    group by all
)

select *
from counted
