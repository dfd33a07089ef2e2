with changes as (
    select * from {{ ref('stg_control__publication_changes') }}
),

causes as (
    select * from {{ ref('change_causes') }}
)

select
    changes.table_name,
    changes.row_key,
    changes.step_number,
    changes.cause_code,
    causes.name_da as cause_name_da,
    causes.name_en as cause_name_en,
    changes.causes,
    changes.municipality_code,
    changes.panel_id,
    changes.indicator_id,
    changes.year,
    changes.origin,
    changes.unit,
    changes.change_kind,
    changes.value_before,
    changes.value_after,
    changes.state_before,
    changes.state_after,
    changes.source_ref_before,
    changes.source_ref_after,
    changes.published_before,
    changes.published_after,
    changes.from_version,
    changes.reference,
    changes.text_da,
    changes.value_after - changes.value_before as change_abs
from changes
inner join causes on changes.cause_code = causes.cause_code
order by changes.table_name, changes.row_key, changes.step_number
