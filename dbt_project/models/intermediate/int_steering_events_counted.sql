with seats as (
    select * from {{ ref('int_steering_seats_unioned') }}
    where is_chair
),

meetings as (
    select * from {{ ref('int_meetings_unioned') }}
    where kind = 'steering_group'
),

rules as (
    select * from {{ ref('steering_rules') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
),

years as (
    {{ year_spine(1990, 2050) }}
),

terms as (
    select
        seats.municipality_code,
        seats.valid_to_date,
        seats.is_example,
        seats.valid_from_date,
        rules.expected_number,
        cast(runs.as_of_at as date) as as_of_date,
        -- The same day so many years later; after 29 February comes 1 March.
        make_date(
            extract(year from seats.valid_from_date) + rules.expected_number,
            extract(month from seats.valid_from_date),
            1
        ) + cast(extract(day from seats.valid_from_date) as integer) - 1 as end_date
    from seats
    cross join runs
    inner join rules
        on
            rules.rule_code = 'chair_term'
            and seats.valid_from_date >= rules.valid_from_date
            and seats.valid_from_date <= coalesce(rules.valid_to_date, seats.valid_from_date)
)

select
    'chair_term' as rule_code,
    municipality_code as place_code,
    end_date as from_date,
    valid_to_date as to_date,
    greatest(
        expected_number + 1,
        extract(year from coalesce(valid_to_date, as_of_date)) - extract(year from valid_from_date)
    ) as observed_number,
    valid_to_date is null as is_open_ended,
    is_example
from terms
where coalesce(valid_to_date, as_of_date) >= end_date
union all
-- A year that is not over, or that the alliance did not begin with, breaches nothing.
select
    rules.rule_code,
    cast(years.year as string) as place_code,
    make_date(years.year, 1, 1) as from_date,
    make_date(years.year, 12, 31) as to_date,
    count(meetings.meeting_id) as observed_number,
    true as is_open_ended,
    coalesce(bool_or(meetings.is_example), false) as is_example
from years
cross join runs
inner join rules
    on
        rules.rule_code = 'meetings_per_year'
        and make_date(years.year, 1, 1) >= rules.valid_from_date
        and make_date(years.year, 12, 31) <= coalesce(rules.valid_to_date, runs.as_of_at)
        and make_date(years.year, 12, 31) < cast(runs.as_of_at as date)
left join meetings
    on
        meetings.held_on >= make_date(years.year, 1, 1)
        and meetings.held_on <= make_date(years.year, 12, 31)
group by all
