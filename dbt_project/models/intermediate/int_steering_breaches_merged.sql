with counted as (
    select
        rule_code,
        place_code,
        from_date,
        to_date,
        observed_number,
        is_open_ended,
        is_example
    from {{ ref('int_steering_places_counted') }}
    union all
    select
        rule_code,
        place_code,
        from_date,
        to_date,
        observed_number,
        is_open_ended,
        is_example
    from {{ ref('int_steering_events_counted') }}
),

rules as (
    select * from {{ ref('steering_rules') }}
),

ruled as (
    select
        counted.*,
        rules.expected_number,
        rules.comparison,
        rules.region_code as ruled_region_code,
        rules.valid_from_date as rule_from_date
    from counted
    inner join rules
        on
            counted.rule_code = rules.rule_code
            and (rules.region_code = 'all' or counted.place_code = rules.region_code)
            and counted.from_date >= rules.valid_from_date
            and counted.from_date <= coalesce(rules.valid_to_date, counted.from_date)
    -- A rule for one region goes before the one for all, and the newest before older ones.
    qualify
        row_number() over (
            partition by counted.rule_code, counted.place_code, counted.from_date
            order by
                case when rules.region_code = 'all' then 1 else 0 end,
                rules.valid_from_date desc
        ) = 1
),

compared as (
    select
        *,
        case when from_date = lag(to_date) over neighbours + 1 then 0 else 1 end as is_new
    from ruled
    where
        (comparison = 'exactly' and observed_number <> expected_number)
        or (comparison = 'at_most' and observed_number > expected_number)
        or (comparison = 'at_least' and observed_number < expected_number)
    window neighbours as (
        partition by rule_code, place_code, observed_number, expected_number, is_open_ended
        order by from_date
    )
),

numbered as (
    select
        *,
        sum(is_new) over neighbours as breach_number
    from compared
    window neighbours as (
        partition by rule_code, place_code, observed_number, expected_number, is_open_ended
        order by from_date
    )
)

select
    rule_code,
    ruled_region_code,
    rule_from_date,
    place_code,
    observed_number,
    expected_number,
    is_open_ended,
    bool_or(is_example) as is_example,
    min(from_date) as from_date,
    case when count(*) = count(to_date) then max(to_date) end as to_date
from numbered
group by
    rule_code,
    ruled_region_code,
    rule_from_date,
    place_code,
    observed_number,
    expected_number,
    is_open_ended,
    breach_number
