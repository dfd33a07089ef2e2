with reported as (
    select * from {{ ref('stg_submissions__emission_sources') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

choices as (
    select * from {{ ref('reporting_choices') }}
),

converted as (
    select * from {{ ref('int_source_gases_converted') }}
    where is_selected
),

reasons as (
    select * from {{ ref('calculation_reasons') }}
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
    converted.gwp_set as selected_gwp_set,
    converted.emission_tco2e as emission_selected_gwp_tco2e,
    converted.reason_code,
    reasons.text_da as reason_da,
    reasons.text_en as reason_en,
    reported.grade_activity,
    reported.grade_factor,
    reported.note as evidence,
    reported.submission_id,
    reported.source_ref,
    reported.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id,
    -- The gases would tell what a key keeps back.
    case when reported.notation_key is null then reported.co2_t end as co2_t,
    case when reported.notation_key is null then reported.ch4_t end as ch4_t,
    case when reported.notation_key is null then reported.n2o_t end as n2o_t
from reported
inner join submissions on reported.submission_id = submissions.submission_id
left join choices as boundaries
    on boundaries.list_id = 'boundaries' and reported.boundary = boundaries.code
left join converted
    on
        reported.submission_id = converted.submission_id
        and reported.row_key = converted.row_key
left join reasons on converted.reason_code = reasons.reason_code
order by reported.municipality_code, reported.year, reported.boundary, reported.gpc_reference
