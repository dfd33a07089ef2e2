with inputs as (
    select
        *,
        case when missing = 'nil' then 0 else value end as amount,
        coalesce(missing, 'none') in ('unavailable', 'empty', 'confidential') as is_unknown
    from {{ ref('int_indicator_inputs_unioned') }}
)

select
    municipality_code,
    indicator_id,
    year,
    count(*) filter (where not is_denominator) as counted_inputs,
    count(*) filter (where is_denominator) as denominator_inputs,
    count(*) filter (where not is_denominator and missing = 'nil') as nil_inputs,
    count(*) filter (where not is_denominator and missing = 'confidential')
        as confidential_inputs,
    count(*) filter (where not is_denominator and missing = 'unavailable') as unavailable_inputs,
    count(*) filter (where not is_denominator and missing = 'empty') as empty_inputs,
    count(*) filter (where is_denominator and is_unknown) as unknown_denominators,
    sum(amount) filter (where not is_denominator) as counted_amount,
    sum(amount) filter (where is_denominator) as denominator_amount,
    {{ joined_text('input_ref', ' + ') }} filter (where not is_denominator) as counted_ref,
    {{ joined_text('input_ref', ' + ') }} filter (where is_denominator) as denominator_ref,
    min(source_id) filter (where not is_denominator) as counted_source_id,
    min(source_id) filter (where is_denominator) as denominator_source_id,
    max(recorded_at) as recorded_at
from inputs
group by municipality_code, indicator_id, year
