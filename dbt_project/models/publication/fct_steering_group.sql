with seats as (
    select * from {{ ref('int_steering_seats_placed') }}
),

regions as (
    select * from {{ ref('regions') }}
)

select
    seats.municipality_code,
    seats.region_code,
    regions.name_da as region_name_da,
    regions.name_en as region_name_en,
    seats.office_da,
    seats.is_chair,
    seats.seat_from_date,
    seats.seat_to_date,
    seats.seat_to_date is not null as is_end_confirmed,
    seats.valid_from_date,
    seats.valid_to_date,
    seats.evidence_da as evidence,
    seats.evidence_link,
    seats.source_ref,
    seats.recorded_at,
    seats.is_example
from seats
left join regions on seats.region_code = regions.region_code
order by seats.municipality_code, seats.valid_from_date
