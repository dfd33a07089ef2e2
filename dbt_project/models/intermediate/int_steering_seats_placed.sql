with seats as (
    select * from {{ ref('int_steering_seats_unioned') }}
),

municipality_regions as (
    select * from {{ ref('municipality_regions') }}
)

select
    seats.municipality_code,
    municipality_regions.region_code,
    seats.office_da,
    seats.is_chair,
    seats.valid_from_date as seat_from_date,
    seats.valid_to_date as seat_to_date,
    seats.evidence_da,
    seats.evidence_link,
    seats.source_ref,
    seats.recorded_at,
    seats.is_example,
    -- A seat lies in another region from the day the regions change.
    greatest(seats.valid_from_date, municipality_regions.valid_from_date) as valid_from_date,
    least(
        coalesce(seats.valid_to_date, municipality_regions.valid_to_date),
        coalesce(municipality_regions.valid_to_date, seats.valid_to_date)
    ) as valid_to_date
from seats
inner join municipality_regions
    on
        seats.municipality_code = municipality_regions.municipality_code
        and municipality_regions.valid_from_date <= coalesce(
            seats.valid_to_date, municipality_regions.valid_from_date
        )
        and seats.valid_from_date <= coalesce(
            municipality_regions.valid_to_date, seats.valid_from_date
        )
