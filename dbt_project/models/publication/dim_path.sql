with paths as (
    select * from {{ ref('int_paths_unioned') }}
),

nodes as (
    select * from {{ ref('int_path_nodes_collected') }}
),

path_methods as (
    select * from {{ ref('path_methods') }}
),

carbon_budgets as (
    select * from {{ ref('carbon_budgets') }}
),

choices as (
    select * from {{ ref('reporting_choices') }}
    where list_id = 'boundaries'
),

path_reasons as (
    select * from {{ ref('path_reasons') }}
)

select
    paths.municipality_code,
    paths.path_id,
    paths.method_id,
    path_methods.name_da as method_name_da,
    path_methods.name_en as method_name_en,
    paths.budget_id,
    carbon_budgets.name_da as budget_name_da,
    carbon_budgets.name_en as budget_name_en,
    paths.indicator_id,
    paths.boundary,
    choices.label_da as boundary_name_da,
    choices.label_en as boundary_name_en,
    paths.unit,
    paths.base_year,
    paths.base_value,
    paths.adopted_date,
    paths.replaced_date,
    paths.is_current,
    paths.is_own,
    paths.budget_tco2e,
    paths.population_share,
    carbon_budgets.limit_da as budget_limit_da,
    carbon_budgets.limit_en as budget_limit_en,
    paths.source_ref,
    path_methods.formula_da,
    path_methods.formula_en,
    path_methods.source as method_source,
    path_methods.sort_order,
    paths.reason_code,
    path_reasons.text_da as reason_da,
    path_reasons.text_en as reason_en,
    paths.is_example,
    case
        when paths.continuous_rate is null then 'of_base_value' else 'of_previous_year'
    end as annual_rate_basis,
    case
        when paths.reason_code is not null then null
        when paths.continuous_rate is not null then 100 * (1 - exp(-paths.continuous_rate))
        else
            100 * (nodes.node_value - nodes.next_node_value)
            / (nodes.node_value * (nodes.next_node_year - nodes.node_year))
    end as annual_rate_pct,
    carbon_budgets.source || '; ' || carbon_budgets.population_source as budget_source,
    case when paths.reason_code is null then paths.budget_tco2e / paths.base_value end
        as years_at_constant_emissions,
    case when paths.reason_code is null then 2 * paths.budget_tco2e / paths.base_value end
        as years_linear_to_zero
from paths
inner join path_methods on paths.method_id = path_methods.method_id
left join nodes
    on
        paths.municipality_code = nodes.municipality_code
        and paths.path_id = nodes.path_id
        and paths.base_year = nodes.node_year
left join carbon_budgets on paths.budget_id = carbon_budgets.budget_id
left join choices on paths.boundary = choices.code
left join path_reasons on paths.reason_code = path_reasons.reason_code
order by paths.municipality_code, paths.path_id
