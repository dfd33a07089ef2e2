with reported as (
    select
        *,
        damage_before_dkk is not null and damage_after_dkk is not null as has_damages
    from {{ ref('stg_submissions__adaptation_projects') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

choices as (
    select * from {{ ref('reporting_choices') }}
),

curves as (
    select * from {{ ref('int_expected_damages_integrated') }}
    where point_order = 1
),

reasons as (
    select * from {{ ref('calculation_reasons') }}
),

projects as (
    select
        reported.*,
        curves.expected_annual_damage_before_dkk as curve_damage_before_dkk,
        curves.expected_annual_damage_after_dkk as curve_damage_after_dkk,
        coalesce(curves.damage_curve_points, 0) as damage_curve_points,
        case
            when reported.has_damages then reported.damage_before_dkk
            else curves.expected_annual_damage_before_dkk
        end as expected_annual_damage_before_dkk,
        case
            when reported.has_damages then reported.damage_after_dkk
            else curves.expected_annual_damage_after_dkk
        end as expected_annual_damage_after_dkk,
        case
            when reported.has_damages then null
            when curves.project_id is null then 'damage_not_given'
            else curves.reason_code
        end as reason_code,
        case when not reported.has_damages then curves.caution_code end as caution_code
    from reported
    left join curves
        on
            reported.submission_id = curves.submission_id
            and reported.project_id = curves.project_id
)

select
    projects.municipality_code,
    projects.year,
    projects.project_id,
    projects.title,
    projects.hazard,
    hazards.label_da as hazard_name_da,
    projects.completed_date,
    projects.cost_dkk,
    projects.retention_m3,
    projects.buildings_protected,
    projects.damage_before_dkk,
    projects.damage_after_dkk,
    projects.damage_basis,
    bases.label_da as damage_basis_name_da,
    projects.expected_annual_damage_before_dkk,
    projects.expected_annual_damage_after_dkk,
    projects.damage_curve_points,
    projects.curve_damage_before_dkk,
    projects.curve_damage_after_dkk,
    projects.reason_code,
    reasons.text_da as reason_da,
    reasons.text_en as reason_en,
    projects.caution_code,
    cautions.text_da as caution_da,
    cautions.text_en as caution_en,
    projects.evidence,
    projects.submission_id,
    projects.source_ref,
    projects.recorded_at,
    submissions.is_example,
    'municipal_submissions' as source_id,
    projects.expected_annual_damage_before_dkk
    - projects.expected_annual_damage_after_dkk as avoided_annual_damage_dkk,
    case
        when projects.has_damages then 'stated'
        when projects.reason_code is null then 'events'
    end as expected_damage_basis
from projects
inner join submissions on projects.submission_id = submissions.submission_id
left join choices as hazards
    on hazards.list_id = 'hazards' and projects.hazard = hazards.code
left join choices as bases
    on bases.list_id = 'damage_bases' and projects.damage_basis = bases.code
left join reasons on projects.reason_code = reasons.reason_code
left join reasons as cautions on projects.caution_code = cautions.reason_code
order by projects.municipality_code, projects.year, projects.project_id
