with reported as (
    select * from {{ ref('stg_submissions__emission_sources') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

choices as (
    select * from {{ ref('reporting_choices') }}
)

select
    reported.municipality_code,
    reported.year,
    reported.boundary,
    boundaries.label_da as boundary_name_da,
    reported.gpc_reference,
    reported.source_name,
    reported.emission_tco2e,
    reported.notation_key,
    reported.notation_explanation,
    reported.gwp_set,
    reported.grade_activity,
    reported.grade_factor,
    reported.note as evidence,
    reported.submission_id,
    reported.source_ref,
    reported.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id
from reported
inner join submissions on reported.submission_id = submissions.submission_id
left join choices as boundaries
    on boundaries.list_id = 'boundaries' and reported.boundary = boundaries.code
order by reported.municipality_code, reported.year, reported.boundary, reported.gpc_reference
