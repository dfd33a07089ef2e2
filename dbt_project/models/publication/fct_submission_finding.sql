with findings as (
    select * from {{ ref('stg_control__submission_findings') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
),

choices as (
    select * from {{ ref('reporting_choices') }}
    where list_id = 'severities'
)

select
    findings.submission_id,
    findings.finding_number,
    submissions.municipality_code,
    submissions.year,
    findings.code,
    findings.layer,
    findings.severity,
    choices.label_da as severity_name_da,
    findings.sheet,
    findings.cell,
    findings.field,
    findings.found_text,
    findings.text_da,
    findings.text_en,
    findings.help_da,
    findings.help_en,
    submissions.is_in_force,
    submissions.is_example,
    submissions.decided_at as recorded_at,
    submissions.source_ref
    || coalesce('#' || findings.sheet || coalesce('!' || findings.cell, ''), '')
        as source_ref
from findings
inner join submissions on findings.submission_id = submissions.submission_id
left join choices on findings.severity = choices.code
order by findings.submission_id, findings.finding_number
