{%- set columns = [
    'municipality_code', 'year', 'value', 'block', 'row_key', 'field', 'sheet', 'cell',
    'file_sha256', 'recorded_at', 'is_example', 'supersedes_id', 'dataset',
] %}

{#- What only figures that are asked for one by one have. -#}
{%- set details = [
    'notation_key', 'notation_explanation', 'evidence_code', 'gwp_set', 'grade_activity',
    'grade_factor',
] %}

with cells as (
    select * from {{ ref('stg_submissions__cells') }}
),

evidence_classes as (
    select * from {{ ref('evidence_classes') }}
),

elsewhere as (
    select * from {{ ref('int_elsewhere_figures_judged') }}
),

observations as (
    select
        {% for column in columns + details -%}
            figures.{{ column }},
        {% endfor -%}
        elsewhere.missing as elsewhere_missing,
        figures.row_key as provider_code
    from {{ ref('int_submitted_figures_selected') }} as figures
    left join elsewhere
        on
            figures.submission_id = elsewhere.submission_id
            and figures.block = elsewhere.block
            and figures.row_key = elsewhere.row_key
    {% for part in ['int_submitted_projects_unpivoted', 'int_submitted_damages_unpivoted'] -%}
        union all
        select
            {% for column in columns -%}
                {{ column }},
            {% endfor -%}
            {% for column in details -%}
                cast(null as string) as {{ column }},
            {% endfor -%}
            cast(null as string) as elsewhere_missing,
            provider_code
        from {{ ref(part) }}
    {% endfor %}
)

select
    observations.municipality_code,
    observations.year,
    observations.value,
    observations.file_sha256 as release_id,
    observations.recorded_at,
    observations.dataset,
    observations.provider_code,
    observations.gwp_set,
    observations.grade_activity,
    observations.grade_factor,
    observations.is_example,
    evidence_classes.evidence_rank,
    superseded.source_ref as supersedes,
    'municipal_submissions' as source_id,
    observations.sheet || '!' || observations.cell as row_key,
    case observations.notation_key
        when 'NO' then 'nil'
        when 'IE' then coalesce(observations.elsewhere_missing, 'elsewhere_nowhere')
        when 'NE' then 'unavailable'
        when 'C' then 'confidential'
    end as missing,
    case when observations.notation_key is not null then observations.notation_explanation end
        as explanation
from observations
inner join evidence_classes
    on
        evidence_classes.code = coalesce(observations.evidence_code, 'municipal_observation')
left join cells as superseded
    on
        observations.supersedes_id = superseded.submission_id
        and observations.block = superseded.block
        and observations.row_key = superseded.row_key
        and observations.field = superseded.field
