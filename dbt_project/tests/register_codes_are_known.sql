-- Municipalities and codes of the registers exist.
with municipalities as (
    select * from {{ ref('municipalities') }}
),

choices as (
    select * from {{ ref('reporting_choices') }}
),

named as (
    select
        source_ref,
        municipality_code
    from {{ ref('int_memberships_unioned') }}
    union all
    select
        source_ref,
        municipality_code
    from {{ ref('int_waivers_unioned') }}
    union all
    select
        source_ref,
        municipality_code
    from {{ ref('int_reply_remarks_unioned') }}
    union all
    select
        source_ref,
        municipality_code
    from {{ ref('int_steering_seats_unioned') }}
),

kinds as (
    select
        source_ref,
        kind
    from {{ ref('int_meetings_unioned') }}
)

select
    named.source_ref,
    'There is no such municipality.' as message
from named
left join municipalities on named.municipality_code = municipalities.municipality_code
where municipalities.municipality_code is null
union all
select
    kinds.source_ref,
    'There is no such kind of meeting.' as message
from kinds
left join choices on choices.list_id = 'meeting_kinds' and kinds.kind = choices.code
where choices.code is null
