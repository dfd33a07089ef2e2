with sources as (
    select * from {{ ref('stg_submissions__emission_sources') }}
),

converted as (
    select * from {{ ref('int_source_gases_converted') }}
),

choices as (
    select * from {{ ref('reporting_choices') }}
),

reasons as (
    select * from {{ ref('calculation_reasons') }}
)

select
    sources.municipality_code,
    sources.year,
    sources.boundary,
    boundaries.label_da as boundary_name_da,
    sources.gpc_reference,
    converted.gwp_set,
    converted.emission_tco2e,
    converted.basis,
    converted.is_selected,
    converted.reason_code,
    reasons.text_da as reason_da,
    reasons.text_en as reason_en,
    sources.submission_id,
    sources.source_ref,
    sources.recorded_at,
    sources.is_example,
    'municipal_submissions' as source_id
from converted
inner join sources
    on
        converted.submission_id = sources.submission_id
        and converted.row_key = sources.row_key
left join choices as boundaries
    on boundaries.list_id = 'boundaries' and sources.boundary = boundaries.code
left join reasons on converted.reason_code = reasons.reason_code
order by
    sources.municipality_code,
    sources.year,
    sources.boundary,
    sources.gpc_reference,
    converted.gwp_set
