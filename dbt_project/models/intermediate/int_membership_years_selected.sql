with memberships as (
    select * from {{ ref('int_memberships_unioned') }}
),

membership_statuses as (
    select * from {{ ref('membership_statuses') }}
),

spine as (
    select * from {{ ref('int_municipality_years_spined') }}
),

run_years as (
    select max(year) as run_year
    from spine
),

-- A later row of the register takes the place of an earlier one, be that one open or not.
newest as (
    select
        spine.municipality_code,
        spine.year,
        spine.counted_on_date,
        memberships.status,
        memberships.valid_to_date,
        memberships.is_example
    from spine
    inner join memberships
        on
            spine.municipality_code = memberships.municipality_code
            and spine.counted_on_date >= memberships.valid_from_date
    qualify
        row_number() over (
            partition by spine.municipality_code, spine.year
            order by memberships.valid_from_date desc
        ) = 1
),

members as (
    select
        newest.municipality_code,
        newest.year,
        newest.is_example,
        membership_statuses.is_confirmed
    from newest
    inner join membership_statuses
        on newest.status = membership_statuses.status and membership_statuses.is_counted
    where newest.counted_on_date <= coalesce(newest.valid_to_date, date '9999-12-31')
)

select
    members.municipality_code,
    members.year,
    members.is_example,
    members.is_confirmed,
    count(*) over (partition by members.municipality_code)
    = run_years.run_year - min(members.year) over () + 1 as is_member_in_all_years
from members
cross join run_years
