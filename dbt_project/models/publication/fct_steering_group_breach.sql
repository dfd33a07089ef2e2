with breaches as (
    select * from {{ ref('int_steering_breaches_merged') }}
),

rules as (
    select * from {{ ref('steering_rules') }}
),

regions as (
    select * from {{ ref('regions') }}
),

municipalities as (
    select * from {{ ref('municipalities') }}
),

named as (
    select
        breaches.*,
        rules.name_da,
        rules.name_en,
        rules.breach_da,
        rules.breach_en,
        rules.status_da,
        regions.region_code,
        municipalities.municipality_code,
        rules.incomplete_da,
        rules.incomplete_en,
        coalesce(regions.name_da, municipalities.name_da, breaches.place_code) as place_da,
        coalesce(regions.name_en, municipalities.name_en, breaches.place_code) as place_en,
        breaches.is_open_ended
        or breaches.observed_number < breaches.expected_number as may_be_incomplete
    from breaches
    inner join rules
        on
            breaches.rule_code = rules.rule_code
            and breaches.ruled_region_code = rules.region_code
            and breaches.rule_from_date = rules.valid_from_date
    left join regions on breaches.place_code = regions.region_code
    left join municipalities on breaches.place_code = municipalities.municipality_code
)

select
    rule_code,
    place_code,
    from_date,
    to_date,
    name_da as rule_name_da,
    name_en as rule_name_en,
    region_code,
    municipality_code,
    place_da as place_name_da,
    {{ breach_text('da') }} as what_da,
    {{ breach_text('en') }} as what_en,
    cast(observed_number as integer) as observed_number,
    expected_number,
    may_be_incomplete as is_register_maybe_incomplete,
    status_da as rule_status_da,
    is_example
from named
order by rule_code, place_code, from_date
