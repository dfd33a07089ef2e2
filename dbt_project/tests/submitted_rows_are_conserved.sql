-- Rows in = rows out: each published table holds exactly the rows of the submissions in force.
with cells as (
    select * from {{ ref('stg_submissions__cells') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

{% set tables = {
    'plans': 'fct_action_plan',
    'targets': 'fct_target',
    'actions': 'fct_action',
    'adaptation_projects': 'fct_adaptation_project',
    'partnerships': 'fct_partnership',
    'participations': 'fct_participation',
    'declaration_signatures': 'fct_declaration_signature',
    'knowledge_sharing': 'fct_knowledge_sharing',
    'emission_sources': 'fct_emission_source',
    'heat_plants': 'fct_heat_plant',
    'damage_points': 'fct_damage_point',
} %}

given as (
    select
        cells.block,
        count(distinct cells.submission_id || '|' || cells.row_key) as given_rows
    from cells
    inner join submissions on cells.submission_id = submissions.submission_id
    group by cells.block
),

published as (
    {% for block, table in tables.items() -%}
        {{ 'union all' if not loop.first }}
        select
            '{{ block }}' as block,
            count(*) as published_rows
        from {{ ref(table) }}
        {{ 'where is_selected' if table == 'fct_heat_plant' }}
    {% endfor %}
)

select
    published.block,
    published.published_rows,
    given.given_rows,
    'Reported rows and published ones differ in number.' as message
from published
left join given on published.block = given.block
where published.published_rows <> coalesce(given.given_rows, 0)
