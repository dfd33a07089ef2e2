with spine as (
    select * from {{ ref('int_indicator_years_spined') }}
),

shown as (
    select * from {{ ref('int_indicator_values_computed') }}
    where is_shown
),

value_reasons as (
    select * from {{ ref('value_reasons') }}
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
    coalesce(shown.status, value_reasons.status) as status,
    case when shown.status is null then value_reasons.text_da else shown.reason_da end
        as reason_da,
    case when shown.status is null then value_reasons.text_en else shown.reason_en end
        as reason_en,
    coalesce(shown.is_example, false) as is_example
from spine
inner join value_reasons on spine.absence_code = value_reasons.reason_code
left join shown
    on
        spine.municipality_code = shown.municipality_code
        and spine.indicator_id = shown.indicator_id
        and spine.year = shown.year
order by spine.municipality_code, spine.indicator_id, spine.year
