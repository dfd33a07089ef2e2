with corrections as (
    select * from {{ ref('corrections') }}
),

observations as (
    select
        *,
        case when missing = 'nil' then 0 else value end as found_value
    from {{ ref('int_observations_unioned') }}
    where origin_class = 'public'
)

select
    corrections.correction_id,
    corrections.source_id,
    corrections.dataset,
    corrections.provider_code,
    corrections.municipality_code,
    corrections.year,
    corrections.expected_value,
    corrections.corrected_value,
    corrections.unit,
    corrections.reason_da,
    corrections.reported_by,
    corrections.reported_on,
    corrections.status,
    corrections.evidence,
    observations.found_value,
    observations.input_ref,
    -- Figures pass through decimals on their way: equal means equal but for the last digits.
    case
        when observations.input_ref is null then 'no_such_value'
        when observations.found_value is null and corrections.expected_value is null then 'applied'
        when
            abs(observations.found_value - corrections.expected_value)
            <= 1e-9 * abs(corrections.expected_value)
            then 'applied'
        else 'source_changed'
    end as state
from corrections
left join observations
    on
        corrections.source_id = observations.source_id
        and corrections.dataset = observations.dataset
        and corrections.provider_code = observations.provider_code
        and corrections.municipality_code = observations.municipality_code
        and corrections.year = observations.year
