with memberships as (
    select * from {{ ref('int_memberships_unioned') }}
),

choices as (
    select * from {{ ref('reporting_choices') }}
    where list_id = 'membership_statuses'
)

select
    memberships.municipality_code,
    memberships.valid_from_date,
    memberships.valid_to_date,
    memberships.status,
    choices.label_da as status_name_da,
    memberships.evidence_da as evidence,
    memberships.evidence_link,
    memberships.source_ref,
    memberships.recorded_at,
    memberships.is_example
from memberships
left join choices on memberships.status = choices.code
order by memberships.municipality_code, memberships.valid_from_date
