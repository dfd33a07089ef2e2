with amounts as (
    select * from {{ ref('int_indicator_amounts_summed') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

numerators as (
    select
        indicator_id,
        count(*) as asked_inputs
    from {{ ref('int_indicator_inputs_mapped') }}
    where dataset = 'municipal_key_figures' and role = 'numerator'
    group by indicator_id
),

-- Denominators alone are no report: without a numerator there is nothing to show, unless the
-- provider leaves out combinations that are zero. A ratio that is given as it is has no parts.
terms as (
    select
        amounts.*,
        indicators.denominator_name_da,
        indicators.min_denominator,
        indicators.origin_precedence,
        amounts.origin_class = 'submitted' as is_submitted,
        indicators.kind = 'ratio' and amounts.given_inputs = 0 as is_ratio,
        amounts.origin_class = 'submitted'
        and amounts.given_inputs = 0
        and amounts.counted_inputs < coalesce(numerators.asked_inputs, 0) as is_incomplete,
        amounts.included_elsewhere_inputs > 0
        and amounts.nil_inputs + amounts.included_elsewhere_inputs = amounts.counted_inputs
            as is_elsewhere,
        case
            when amounts.origin_class = 'submitted' and amounts.given_inputs > 0 then 1
            else indicators.scale
        end as scale,
        coalesce(amounts.counted_amount, 0) as known_amount,
        case when amounts.unknown_denominators = 0 then amounts.denominator_amount end
            as known_denominator
    from amounts
    inner join indicators on amounts.indicator_id = indicators.indicator_id
    left join numerators on amounts.indicator_id = numerators.indicator_id
    where
        amounts.counted_inputs > 0
        or (indicators.is_absent_numerator_zero and amounts.denominator_inputs > 0)
)

select
    municipality_code,
    indicator_id,
    year,
    scale,
    denominator_name_da,
    min_denominator,
    origin_precedence,
    counted_inputs,
    counted_ref,
    denominator_ref,
    counted_source_id,
    denominator_source_id,
    counted_supersedes,
    denominator_supersedes,
    explanation,
    evidence_rank,
    grade_activity,
    grade_factor,
    gwp_set,
    is_example,
    recorded_at,
    is_ratio,
    is_incomplete,
    known_amount,
    known_denominator,
    confidential_inputs + unavailable_inputs + empty_inputs + unresolved_inputs = 0
    and not is_elsewhere as is_amount_known,
    case when is_submitted then 'submitted' when is_ratio then 'derived' else 'public' end
        as origin,
    case
        when is_submitted and confidential_inputs + confidential_denominators > 0
            then 'submitted_confidential'
        when is_submitted and unavailable_inputs + unknown_denominators > elsewhere_denominators
            then 'submitted_unavailable'
        when confidential_inputs > 0 then 'confidential'
        when unavailable_inputs > 0 then 'unavailable'
        when empty_inputs > 0 then 'empty'
        when unresolved_elsewhere is not null then 'submitted_' || unresolved_elsewhere
        when is_incomplete then 'numerator_incomplete'
        when is_elsewhere or (is_submitted and elsewhere_denominators > 0)
            then 'submitted_included_elsewhere'
        when is_submitted and is_ratio and nil_denominators > 0 and known_denominator = 0
            then 'submitted_nil'
        when is_ratio and known_denominator is null then 'denominator_missing'
        when is_ratio and known_denominator = 0 then 'denominator_zero'
        when is_ratio and known_denominator < min_denominator then 'below_min_denominator'
        when is_ratio or nil_inputs < counted_inputs then null
        when is_submitted then 'submitted_nil'
        else 'nil'
    end as reason_code
from terms
