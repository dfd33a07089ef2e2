with submissions as (
    select * from {{ ref('stg_control__submissions') }}
),

cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block = 'municipality' and row_key = 'remarks' and field = 'answer'
),

choices as (
    select * from {{ ref('reporting_choices') }}
)

select
    submissions.submission_id,
    submissions.form_id,
    submissions.form_version,
    submissions.municipality_code,
    submissions.year,
    submissions.status,
    statuses.label_da as status_name_da,
    submissions.door,
    doors.label_da as door_name_da,
    submissions.received_at,
    submissions.decided_at,
    submissions.file_sha256,
    submissions.supersedes_id,
    submissions.superseded_by_id,
    submissions.errors_count,
    submissions.warnings_count,
    submissions.facts_count,
    submissions.missing_count,
    submissions.prepared_date,
    submissions.approved_date,
    submissions.is_in_force,
    submissions.is_example,
    submissions.withdrawn_reason_da,
    submissions.source_ref,
    submissions.decided_at as recorded_at,
    -- What was taken back is not to be read on.
    case when submissions.is_in_force then cells.value_text end as remarks_da
from submissions
left join cells on submissions.submission_id = cells.submission_id
left join choices as statuses
    on statuses.list_id = 'submission_statuses' and submissions.status = statuses.code
left join choices as doors
    on doors.list_id = 'submission_doors' and submissions.door = doors.code
order by submissions.received_at, submissions.submission_id
