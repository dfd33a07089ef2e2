with spine as (
    select * from {{ ref('int_indicator_years_spined') }}
),

shown as (
    select * from {{ ref('int_indicator_values_computed') }}
    where is_shown
),

value_reasons as (
    select * from {{ ref('value_reasons') }}
),

changes as (
    select * from {{ ref('int_indicator_changes_compared') }}
)

select
    spine.municipality_code,
    spine.indicator_id,
    spine.year,
    shown.value,
    spine.unit,
    shown.notation_key,
    shown.origin,
    spine.definition_version,
    spine.boundary,
    shown.source_id,
    shown.source_ref,
    shown.recorded_at,
    shown.evidence_class,
    previous.other_year as previous_year,
    previous.other_value as previous_value,
    previous.change_abs,
    previous.change_pct,
    previous.comparability_code,
    previous.text_da as comparability_da,
    previous.text_en as comparability_en,
    base.other_year as base_year,
    base.other_value as base_value,
    base.change_abs as change_from_base_abs,
    base.change_pct as change_from_base_pct,
    base.comparability_code as base_comparability_code,
    base.text_da as base_comparability_da,
    base.text_en as base_comparability_en,
    coalesce(shown.status, value_reasons.status) as status,
    case when shown.status is null then value_reasons.reason_code else shown.reason_code end
        as reason_code,
    case when shown.status is null then value_reasons.text_da else shown.reason_da end
        as reason_da,
    case when shown.status is null then value_reasons.text_en else shown.reason_en end
        as reason_en,
    coalesce(shown.is_complete, false) as is_complete,
    coalesce(shown.is_example, false) as is_example,
    coalesce(instr(shown.source_ref, '!corrected:') > 0, false) as is_corrected
from spine
inner join value_reasons on spine.absence_code = value_reasons.reason_code
left join shown
    on
        spine.municipality_code = shown.municipality_code
        and spine.indicator_id = shown.indicator_id
        and spine.year = shown.year
left join changes as previous
    on
        previous.kind = 'previous'
        and spine.municipality_code = previous.municipality_code
        and spine.indicator_id = previous.indicator_id
        and spine.year = previous.year
left join changes as base
    on
        base.kind = 'base'
        and spine.municipality_code = base.municipality_code
        and spine.indicator_id = base.indicator_id
        and spine.year = base.year
order by spine.municipality_code, spine.indicator_id, spine.year
