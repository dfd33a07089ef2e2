with changes as (
    select * from {{ ref('stg_control__publication_changes') }}
),

causes as (
    select * from {{ ref('change_causes') }}
),

municipalities as (
    select * from {{ ref('dim_municipality') }}
),

panels as (
    select * from {{ ref('dim_panel') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

described as (
    select
        changes.*,
        causes.name_da as cause_name_da,
        causes.name_en as cause_name_en,
        changes.value_after - changes.value_before as change_abs,
        coalesce(municipalities.name_da, panels.panel_name_da) as place_da,
        coalesce(indicators.name_da, changes.row_key) as subject_da,
        coalesce(indicators.decimals, 1) as decimals
    from changes
    inner join causes on changes.cause_code = causes.cause_code
    left join municipalities on changes.municipality_code = municipalities.municipality_code
    left join panels on changes.panel_id = panels.panel_id
    left join indicators on changes.indicator_id = indicators.indicator_id
)

select
    table_name,
    row_key,
    step_number,
    cause_code,
    cause_name_da,
    cause_name_en,
    causes,
    municipality_code,
    panel_id,
    indicator_id,
    year,
    origin,
    unit,
    change_kind,
    value_before,
    value_after,
    change_abs,
    state_before,
    state_after,
    source_ref_before,
    source_ref_after,
    published_before,
    published_after,
    from_version,
    reference,
    concat_ws(', ', place_da, subject_da, year::varchar) || ': '
    || coalesce({{ danish_number('value_before', 'decimals') }}, 'intet tal')
    || ' → ' || coalesce({{ danish_number('value_after', 'decimals') }}, 'intet tal')
    || coalesce(' ' || unit, '')
    || coalesce(' (' || {{ danish_number('change_abs', 'decimals', signed=true) }} || ')', '')
    || '. ' || cause_name_da || '.' as text_da
from described
order by table_name, row_key, step_number
