{{ config(materialized='table') }}

with amounts as (
    select * from {{ ref('int_indicator_amounts_summed') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

value_reasons as (
    select * from {{ ref('value_reasons') }}
),

-- Denominators alone are no report: without a numerator there is nothing to show, unless the
-- provider leaves out combinations that are zero.
terms as (
    select
        amounts.*,
        indicators.kind = 'ratio' as is_ratio,
        case
            when amounts.counted_inputs > 0 then amounts.counted_amount
            else 0
        end as known_amount,
        case
            when amounts.unknown_denominators = 0 then amounts.denominator_amount
        end as known_denominator
    from amounts
    inner join indicators on amounts.indicator_id = indicators.indicator_id
    where
        amounts.counted_inputs > 0
        or (indicators.is_absent_numerator_zero and amounts.denominator_inputs > 0)
),

judged as (
    select
        terms.*,
        indicators.boundary,
        indicators.unit,
        indicators.scale,
        indicators.definition_version,
        indicators.denominator_name_da,
        indicators.min_denominator,
        terms.confidential_inputs + terms.unavailable_inputs + terms.empty_inputs = 0
            as is_amount_known,
        case when terms.is_ratio then nullif(terms.known_denominator, 0) else 1 end as divisor,
        case
            when terms.confidential_inputs > 0 then 'confidential'
            when terms.unavailable_inputs > 0 then 'unavailable'
            when terms.empty_inputs > 0 then 'empty'
            when terms.is_ratio and terms.known_denominator is null then 'denominator_missing'
            when terms.is_ratio and terms.known_denominator = 0 then 'denominator_zero'
            when terms.is_ratio and terms.known_denominator < indicators.min_denominator
                then 'below_min_denominator'
            when not terms.is_ratio and terms.nil_inputs = terms.counted_inputs then 'nil'
        end as reason_code
    from terms
    inner join indicators on terms.indicator_id = indicators.indicator_id
)

select
    judged.municipality_code,
    judged.indicator_id,
    judged.definition_version,
    judged.boundary,
    judged.year,
    judged.unit,
    judged.counted_inputs,
    judged.recorded_at,
    value_reasons.notation_key,
    case when judged.is_ratio then 'derived' else 'public' end as origin,
    coalesce(value_reasons.status, 'reported') as status,
    case
        when judged.reason_code is null then judged.scale * judged.known_amount / judged.divisor
    end as value,
    case
        when judged.is_ratio and judged.is_amount_known then judged.known_amount
    end as numerator,
    case when judged.is_ratio then judged.known_denominator end as denominator,
    {{ filled_reason('value_reasons.text_da', 'judged') }} as reason_da,
    {{ filled_reason('value_reasons.text_en', 'judged') }} as reason_en,
    coalesce(judged.reason_code, 'nil') in ('nil', 'below_min_denominator') as is_complete,
    coalesce(judged.counted_source_id, judged.denominator_source_id) as source_id,
    concat_ws(' / ', judged.counted_ref, judged.denominator_ref) as source_ref
from judged
left join value_reasons on judged.reason_code = value_reasons.reason_code
-- Sums of decimals depend on the order in which they are added up.
order by judged.municipality_code, judged.indicator_id, judged.year
