with seats as (
    select * from {{ ref('int_steering_seats_placed') }}
),

regions as (
    select * from {{ ref('regions') }}
),

memberships as (
    select * from {{ ref('int_memberships_unioned') }}
),

rules as (
    select * from {{ ref('steering_rules') }}
),

changes as (
    select valid_from_date as from_date from seats
    union
    select valid_to_date + 1 as from_date from seats
    union
    select valid_from_date as from_date from regions
    union
    select valid_to_date + 1 as from_date from regions
    union
    select valid_from_date as from_date from memberships
    union
    select valid_to_date + 1 as from_date from memberships
    union
    select valid_from_date as from_date from rules
    union
    select valid_to_date + 1 as from_date from rules
),

spans as (
    select
        from_date,
        lead(from_date) over (order by from_date) - 1 as to_date
    from changes
    where from_date is not null
)

select
    spans.from_date,
    spans.to_date,
    seats.municipality_code,
    seats.region_code,
    seats.is_chair,
    coalesce(seats.municipality_code, 'none') as seat_key,
    coalesce(seats.is_example, false) as is_example,
    seats.municipality_code is not null and seats.seat_to_date is null as is_open_ended,
    -- The newest row of the register says what a municipality is.
    max_by(memberships.status, memberships.valid_from_date) as membership_status
from spans
left join seats
    on
        spans.from_date >= seats.valid_from_date
        and spans.from_date <= coalesce(seats.valid_to_date, spans.from_date)
left join memberships
    on
        seats.municipality_code = memberships.municipality_code
        and spans.from_date >= memberships.valid_from_date
        and spans.from_date <= coalesce(memberships.valid_to_date, spans.from_date)
group by all
