with inputs as (
    select
        *,
        case when missing in ('nil', 'included_elsewhere') then 0 else value end as amount,
        coalesce(missing, 'none') in ('unavailable', 'empty', 'confidential', 'included_elsewhere')
        or coalesce(missing, 'none') like 'elsewhere%' as is_unknown
    from {{ ref('int_indicator_inputs_unioned') }}
)

select
    municipality_code,
    indicator_id,
    year,
    origin_class,
    count(*) filter (where role = 'value') as given_inputs,
    count(*) filter (where not is_denominator) as counted_inputs,
    count(*) filter (where is_denominator) as denominator_inputs,
    count(*) filter (where not is_denominator and missing = 'nil') as nil_inputs,
    count(*) filter (where not is_denominator and missing = 'included_elsewhere')
        as included_elsewhere_inputs,
    count(*) filter (where not is_denominator and missing = 'confidential')
        as confidential_inputs,
    count(*) filter (where not is_denominator and missing = 'unavailable') as unavailable_inputs,
    count(*) filter (where not is_denominator and missing = 'empty') as empty_inputs,
    count(*) filter (where is_denominator and is_unknown) as unknown_denominators,
    count(*) filter (where is_denominator and missing = 'nil') as nil_denominators,
    count(*) filter (where is_denominator and missing like '%elsewhere%')
        as elsewhere_denominators,
    max(missing) filter (where missing like 'elsewhere%') as unresolved_elsewhere,
    count(*) filter (where not is_denominator and missing like 'elsewhere%')
        as unresolved_inputs,
    count(*) filter (where is_denominator and missing = 'confidential')
        as confidential_denominators,
    sum(amount) filter (where not is_denominator) as counted_amount,
    sum(amount) filter (where is_denominator) as denominator_amount,
    {{ joined_text('input_ref', ' + ') }} filter (where not is_denominator) as counted_ref,
    {{ joined_text('input_ref', ' + ') }} filter (where is_denominator) as denominator_ref,
    {{ joined_text('supersedes', ' + ') }} filter (where not is_denominator)
        as counted_supersedes,
    {{ joined_text('supersedes', ' + ') }} filter (where is_denominator)
        as denominator_supersedes,
    {{ joined_text('explanation', '; ') }} as explanation,
    min(source_id) filter (where not is_denominator) as counted_source_id,
    min(source_id) filter (where is_denominator) as denominator_source_id,
    max(recorded_at) as recorded_at,
    max(evidence_rank) as evidence_rank,
    max(gwp_set) as gwp_set,
    {{ lowest_grade('grade_activity') }} as grade_activity,
    {{ lowest_grade('grade_factor') }} as grade_factor,
    coalesce(bool_or(is_example), false) as is_example
from inputs
group by municipality_code, indicator_id, year, origin_class
