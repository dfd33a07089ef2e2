with meetings as (
    select * from {{ ref('int_meetings_unioned') }}
),

choices as (
    select * from {{ ref('reporting_choices') }}
    where list_id = 'meeting_kinds'
)

select
    meetings.meeting_id,
    meetings.kind,
    choices.label_da as kind_name_da,
    choices.label_en as kind_name_en,
    meetings.held_on as held_date,
    cast(extract(year from meetings.held_on) as integer) as year,
    meetings.title_da,
    meetings.evidence_da as evidence,
    meetings.evidence_link,
    meetings.source_ref,
    meetings.recorded_at,
    meetings.is_example
from meetings
left join choices on meetings.kind = choices.code
order by meetings.meeting_id
