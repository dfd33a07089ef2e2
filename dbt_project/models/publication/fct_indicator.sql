with spine as (
    select * from {{ ref('int_indicator_years_spined') }}
),

computed as (
    select * from {{ ref('int_indicator_values_computed') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

value_reasons as (
    select * from {{ ref('value_reasons') }}
),

-- The origin named first in the catalogue's precedence is the one to show.
chosen as (
    select computed.*
    from computed
    inner join indicators on computed.indicator_id = indicators.indicator_id
    where instr(indicators.origin_precedence, computed.origin) > 0
    qualify
        row_number() over (
            partition by computed.municipality_code, computed.indicator_id, computed.year
            order by instr(indicators.origin_precedence, computed.origin)
        ) = 1
)

select
    spine.municipality_code,
    spine.indicator_id,
    spine.year,
    chosen.value,
    spine.unit,
    chosen.notation_key,
    chosen.origin,
    spine.definition_version,
    spine.boundary,
    chosen.source_id,
    chosen.source_ref,
    chosen.recorded_at,
    coalesce(chosen.status, value_reasons.status) as status,
    case when chosen.status is null then value_reasons.text_da else chosen.reason_da end
        as reason_da,
    case when chosen.status is null then value_reasons.text_en else chosen.reason_en end
        as reason_en
from spine
inner join value_reasons on spine.absence_code = value_reasons.reason_code
left join chosen
    on
        spine.municipality_code = chosen.municipality_code
        and spine.indicator_id = chosen.indicator_id
        and spine.year = chosen.year
order by spine.municipality_code, spine.indicator_id, spine.year
