with emissions as (
    select * from {{ ref('stg_submissions__emissions') }}
),

key_figures as (
    select * from {{ ref('stg_submissions__key_figures') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

reporting_inputs as (
    select * from {{ ref('reporting_inputs') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

figures as (
    select
        submission_id,
        municipality_code,
        year,
        row_key,
        emission_tco2e as value,
        notation_key,
        notation_explanation,
        evidence_code,
        gwp_set,
        grade_activity,
        grade_factor,
        sheet,
        cell,
        file_sha256,
        recorded_at,
        'emissions' as block
    from emissions
    union all
    select
        submission_id,
        municipality_code,
        year,
        row_key,
        value,
        notation_key,
        notation_explanation,
        evidence_code,
        cast(null as string) as gwp_set,
        cast(null as string) as grade_activity,
        cast(null as string) as grade_factor,
        sheet,
        cell,
        file_sha256,
        recorded_at,
        'key_figures' as block
    from key_figures
)

select
    figures.*,
    'value' as field,
    submissions.is_example,
    submissions.supersedes_id,
    case
        when reporting_inputs.input_id is null then 'municipal_indicators'
        else 'municipal_key_figures'
    end as dataset
from figures
inner join submissions on figures.submission_id = submissions.submission_id
left join reporting_inputs on figures.row_key = reporting_inputs.input_id
left join indicators on figures.row_key = indicators.indicator_id
-- A blank cell is no report.
where figures.value is not null or figures.notation_key is not null
-- The alliance's own report goes before a report to others, and anything real before an example;
-- a total and its sectors are of one report.
qualify
    rank() over (
        partition by
            figures.municipality_code, figures.year, coalesce(indicators.boundary, 'none')
        order by
            submissions.is_example,
            case submissions.form_id when 'report' then 1 else 2 end,
            submissions.form_id,
            figures.submission_id
    ) = 1
