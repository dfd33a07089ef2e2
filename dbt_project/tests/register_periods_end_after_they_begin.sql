-- No row of a register ends before it begins.
with periods as (
    select
        'memberships' as register,
        source_ref,
        valid_from_date as from_date,
        valid_to_date as to_date
    from {{ ref('int_memberships_unioned') }}
    union all
    select
        'sector_declarations' as register,
        source_ref,
        valid_from_date as from_date,
        valid_to_date as to_date
    from {{ ref('int_declarations_unioned') }}
    union all
    select
        'waivers' as register,
        source_ref,
        valid_from as from_date,
        expires_on as to_date
    from {{ ref('int_waivers_unioned') }}
    union all
    select
        'reporting_deadlines' as register,
        source_ref,
        deadline_date as from_date,
        grace_until_date as to_date
    from {{ ref('int_reporting_deadlines_unioned') }}
    union all
    select
        'steering_seats' as register,
        source_ref,
        valid_from_date as from_date,
        valid_to_date as to_date
    from {{ ref('int_steering_seats_unioned') }}
)

select
    *,
    'The period ends before it begins.' as message
from periods
where to_date < from_date
