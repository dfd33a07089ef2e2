with declarations as (
    select * from {{ ref('int_declarations_unioned') }}
),

choices as (
    select * from {{ ref('reporting_choices') }}
    where list_id = 'declaration_levels'
)

select
    declarations.declaration_id,
    declarations.name_da,
    declarations.name_en,
    declarations.renamed_to_en,
    declarations.level,
    choices.label_da as level_name_da,
    declarations.valid_from_date,
    declarations.valid_to_date,
    declarations.evidence_da as evidence,
    declarations.evidence as evidence_link,
    declarations.source_ref,
    declarations.recorded_at,
    declarations.is_example
from declarations
left join choices on declarations.level = choices.code
order by declarations.declaration_id
