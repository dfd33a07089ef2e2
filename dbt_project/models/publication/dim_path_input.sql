with methods as (
    select * from {{ ref('path_methods') }}
),

carbon_budgets as (
    select * from {{ ref('carbon_budgets') }}
),

national_targets as (
    select * from {{ ref('dim_national_target') }}
    where is_in_mirror
),

emission_years as (
    select base_year as year from national_targets
    union
    select anchor_year from national_targets
),

mirrored as (
    select
        'reduction' as input_id,
        target_year as year,
        reduction_min_pct as value,
        '%' as unit,
        'national_targets#' || target_year || '|' || kind || '|' || valid_from_date as register_ref,
        source as register_source
    from national_targets
    union all
    select
        'national_emission' as input_id,
        national_emissions.year,
        sum(national_emissions.emission_mtco2e) as value,
        'Mt CO2e' as unit,
        'national_emissions#' || national_emissions.year as register_ref,
        min(national_emissions.source) as register_source
    from {{ ref('national_emissions') }} as national_emissions
    inner join emission_years on national_emissions.year = emission_years.year
    group by national_emissions.year
),

unioned as (
    select
        methods.method_id as path_id,
        mirrored.*
    from methods
    cross join mirrored
    where methods.method_id = 'national_mirror'
    {% for input, year, column, unit in [
        ('convergence_level', 'convergence_year', 'convergence_tco2e_per_capita', 't CO2e/capita'),
        ('level_at_zero', 'zero_year', '0', 't CO2e/capita'),
        ('halving_time', 'anchor_year', 'halving_years', 'years'),
    ] -%}
        union all
        select
            method_id as path_id,
            '{{ input }}' as input_id,
            {{ year }} as year,
            {{ column }} as value,
            '{{ unit }}' as unit,
            'path_methods#' || method_id as register_ref,
            source as register_source
        from methods
        where {{ 'zero_year' if column == '0' else column }} is not null
    {% endfor -%}
    {% for input, year, column, unit, source in [
        ('global_budget', 'start_year', 'global_budget_gtco2', 'Gt CO2', 'source'),
        ('world_population', 'start_year', 'world_population', 'inhabitants', 'population_source'),
        ('danish_population', 'start_year', 'danish_population', 'inhabitants', 'population_source'),
    ] -%}
        union all
        select
            methods.method_id || '_' || carbon_budgets.budget_id as path_id,
            '{{ input }}' as input_id,
            carbon_budgets.{{ year }} as year,
            carbon_budgets.{{ column }} as value,
            '{{ unit }}' as unit,
            'carbon_budgets#' || carbon_budgets.budget_id as register_ref,
            carbon_budgets.{{ source }} as register_source
        from methods
        cross join carbon_budgets
        where methods.has_budget
    {% endfor -%}
)

select
    unioned.path_id,
    unioned.input_id,
    unioned.year,
    input_names.name_da,
    input_names.name_en,
    unioned.value,
    unioned.unit,
    unioned.register_ref,
    unioned.register_source
from unioned
inner join {{ ref('path_inputs') }} as input_names on unioned.input_id = input_names.input_id
order by unioned.path_id, input_names.sort_order, unioned.year
