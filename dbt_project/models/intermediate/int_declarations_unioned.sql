with seeded as (
    select * from {{ ref('sector_declarations') }}
),

cells as (
    select * from {{ ref('int_register_cells_selected') }}
    where block = 'sector_declarations'
),

registered as (
    select
        max(value_text) filter (where field = 'declaration_id') as declaration_id,
        max(value_text) filter (where field = 'name_da') as name_da,
        max(value_text) filter (where field = 'name_en') as name_en,
        max(value_text) filter (where field = 'level') as level,
        max(value_text) filter (where field = 'renamed_to_en') as renamed_to_en,
        max(value_date) filter (where field = 'valid_from_date') as valid_from_date,
        max(value_date) filter (where field = 'valid_to_date') as valid_to_date,
        max(value_text) filter (where field = 'evidence_da') as evidence_da,
        max(value_text) filter (where field = 'evidence') as evidence,
        max(value_date) filter (where field = 'recorded_on') as recorded_on,
        min(source_ref) as source_ref,
        max(recorded_at) as recorded_at,
        bool_or(is_example) as is_example
    from cells
    group by row_key
),

unioned as (
    select
        declaration_id,
        name_da,
        name_en,
        level,
        renamed_to_en,
        valid_from_date,
        valid_to_date,
        evidence_da,
        evidence,
        recorded_on,
        cast(recorded_on as timestamp) as recorded_at,
        false as is_example,
        'register:sector_declarations#' || declaration_id as source_ref,
        2 as preference
    from seeded
    union all
    select
        declaration_id,
        name_da,
        name_en,
        level,
        renamed_to_en,
        valid_from_date,
        valid_to_date,
        evidence_da,
        evidence,
        recorded_on,
        recorded_at,
        is_example,
        source_ref,
        1 as preference
    from registered
)

select
    declaration_id,
    name_da,
    name_en,
    level,
    renamed_to_en,
    valid_from_date,
    valid_to_date,
    evidence_da,
    evidence,
    recorded_on,
    recorded_at,
    is_example,
    source_ref
from unioned
-- What the secretariat hands in later goes before the same row of the project's own register.
qualify row_number() over (partition by declaration_id order by preference) = 1
