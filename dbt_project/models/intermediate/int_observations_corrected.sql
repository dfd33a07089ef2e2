with observations as (
    select * from {{ ref('int_observations_unioned') }}
),

corrections as (
    select * from {{ ref('int_corrections_judged') }}
    where state = 'applied'
)

select
    observations.municipality_code,
    observations.year,
    observations.source_id,
    observations.release_id,
    observations.row_key,
    observations.recorded_at,
    observations.dataset,
    observations.provider_code,
    observations.explanation,
    observations.evidence_rank,
    observations.grade_activity,
    observations.grade_factor,
    observations.gwp_set,
    observations.supersedes,
    observations.is_example,
    observations.origin_class,
    coalesce(corrections.corrected_value, observations.value) as value,
    case when corrections.correction_id is null then observations.missing end as missing,
    -- What was made of a corrected figure says so wherever its inputs are told.
    observations.input_ref || coalesce('!corrected:' || corrections.correction_id, '') as input_ref
from observations
left join corrections
    on
        observations.source_id = corrections.source_id
        and observations.dataset = corrections.dataset
        and observations.provider_code = corrections.provider_code
        and observations.input_ref = corrections.input_ref
