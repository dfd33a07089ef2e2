{%- set columns = [
    'submission_id', 'municipality_code', 'year', 'block', 'row_key', 'field', 'sheet', 'cell',
    'file_sha256', 'recorded_at', 'is_example',
] %}

with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where block in ('partnerships', 'adaptation_projects')
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

partnerships as (
    select
        *,
        valid_from_date <= make_date(year, 12, 31)
        and coalesce(valid_to_date, date '9999-12-31') >= make_date(year, 12, 31) as is_active
    from {{ ref('stg_submissions__partnerships') }}
),

projects as (
    select
        *,
        damage_basis is not null
        and damage_before_dkk is not null
        and damage_after_dkk is not null as has_damages
    from {{ ref('stg_submissions__adaptation_projects') }}
    where year(completed_date) = year
),

-- A list of agreements without one in force reports 0, while no list reports nothing.
agreed as (
    select
        cells.*,
        case cells.field when 'cvr' then 'active' else 'saved_mwh' end as provider_code,
        case
            when cells.field <> 'cvr' then cells.value_number
            when partnerships.is_active then 1
            else 0
        end as value
    from cells
    inner join partnerships
        on
            cells.submission_id = partnerships.submission_id
            and cells.row_key = partnerships.row_key
    where cells.field = 'cvr' or (cells.field = 'saved_mwh' and partnerships.is_active)
),

completed as (
    select
        cells.*,
        projects.hazard,
        case cells.field
            when 'project_id' then 'projects_completed'
            when 'cost_dkk' then 'investment_dkk'
            when 'damage_before_dkk' then 'avoided_damage_' || projects.damage_basis || '_dkk'
            when 'damage_after_dkk' then 'avoided_damage_' || projects.damage_basis || '_dkk'
            else cells.field
        end as measure,
        case cells.field
            when 'project_id' then 1
            when 'damage_after_dkk' then -cells.value_number
            else cells.value_number
        end as value
    from cells
    inner join projects
        on cells.submission_id = projects.submission_id and cells.row_key = projects.row_key
    where
        cells.field in ('project_id', 'cost_dkk', 'retention_m3', 'buildings_protected')
        or (cells.field in ('damage_before_dkk', 'damage_after_dkk') and projects.has_damages)
)

{% for rows, dataset, code in [
    ('agreed', 'municipal_partnerships', 'agreed.provider_code'),
    ('completed', 'municipal_adaptation_projects', "completed.hazard || '/' || completed.measure"),
    ('completed', 'municipal_adaptation_projects', "'all/' || completed.measure"),
] -%}
    {{ 'union all' if not loop.first }}
    select
        {% for column in columns -%}
            {{ rows }}.{{ column }},
        {% endfor -%}
        {{ rows }}.value,
        submissions.supersedes_id,
        '{{ dataset }}' as dataset,
        {{ code }} as provider_code
    from {{ rows }}
    inner join submissions on {{ rows }}.submission_id = submissions.submission_id
    -- Only money adds up across hazards.
    {{ "where completed.measure = 'investment_dkk'" if loop.last }}
{% endfor %}
