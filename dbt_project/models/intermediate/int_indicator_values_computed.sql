{{ config(materialized='table') }}

with boundary_sectors as (
    select * from {{ ref('int_boundary_sectors_judged') }}
    where is_lower_bound or is_withheld
),

judged as (
    select
        judged.*,
        case when judged.is_ratio then nullif(judged.known_denominator, 0) else 1 end as divisor,
        instr(',' || judged.origin_precedence || ',', ',' || judged.origin || ',') as precedence,
        coalesce(boundary_sectors.is_lower_bound, false) as is_lower_bound,
        case when boundary_sectors.is_withheld then 'submitted_withheld' else judged.reason_code end
            as told_code
    from {{ ref('int_indicator_values_judged') }} as judged
    left join boundary_sectors
        on
            judged.municipality_code = boundary_sectors.municipality_code
            and judged.indicator_id = boundary_sectors.indicator_id
            and judged.year = boundary_sectors.year
            and judged.origin = boundary_sectors.origin
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

value_reasons as (
    select * from {{ ref('value_reasons') }}
),

evidence_classes as (
    select * from {{ ref('evidence_classes') }}
)

select
    judged.municipality_code,
    judged.indicator_id,
    indicators.definition_version,
    indicators.boundary,
    judged.year,
    indicators.unit,
    judged.counted_inputs,
    judged.recorded_at,
    judged.origin,
    judged.gwp_set,
    judged.grade_activity,
    judged.grade_factor,
    judged.is_example,
    value_reasons.notation_key,
    judged.told_code as reason_code,
    coalesce(value_reasons.status, 'reported') as status,
    case
        when judged.told_code is null then judged.scale * judged.known_amount / judged.divisor
    end as value,
    case
        when judged.is_ratio and judged.is_amount_known and not judged.is_incomplete
            then judged.known_amount
    end as numerator,
    case when judged.is_ratio then judged.known_denominator end as denominator,
    {{ filled_reason('value_reasons.text_da', 'judged') }} as reason_da,
    {{ filled_reason('value_reasons.text_en', 'judged') }} as reason_en,
    coalesce(value_reasons.is_complete, true) and not judged.is_lower_bound as is_complete,
    coalesce(judged.counted_source_id, judged.denominator_source_id) as source_id,
    concat_ws(' / ', judged.counted_ref, judged.denominator_ref) as source_ref,
    nullif(concat_ws(' / ', judged.counted_supersedes, judged.denominator_supersedes), '')
        as supersedes,
    coalesce(evidence_classes.evidence_class, 'provider default') as evidence_class,
    -- The origin named first in the catalogue's precedence is the one to show.
    judged.precedence > 0
    and row_number() over (
        partition by judged.municipality_code, judged.indicator_id, judged.year
        order by case when judged.precedence > 0 then judged.precedence end nulls last
    ) = 1 as is_shown
from judged
inner join indicators on judged.indicator_id = indicators.indicator_id
left join value_reasons on judged.told_code = value_reasons.reason_code
left join evidence_classes on judged.evidence_rank = evidence_classes.evidence_rank
-- Sums of decimals depend on the order in which they are added up.
order by judged.municipality_code, judged.indicator_id, judged.year, judged.origin
