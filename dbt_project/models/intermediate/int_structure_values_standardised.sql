with structure_variables as (
    select * from {{ ref('structure_variables') }}
),

municipalities as (
    select count(*) as asked_municipalities
    from {{ ref('municipalities') }}
),

shown as (
    select * from {{ ref('int_indicator_values_computed') }}
    where is_shown and origin <> 'submitted' and value is not null
),

divided as (
    select
        structure_variables.variable_id,
        structure_variables.transformation,
        shown.municipality_code,
        shown.year,
        case
            when structure_variables.denominator_indicator_id is null then shown.value
            else shown.value / nullif(denominators.value, 0)
        end as value
    from structure_variables
    inner join shown on structure_variables.indicator_id = shown.indicator_id
    left join shown as denominators
        on
            structure_variables.denominator_indicator_id = denominators.indicator_id
            and shown.municipality_code = denominators.municipality_code
            and shown.year = denominators.year
),

transformed as (
    select
        variable_id,
        municipality_code,
        year,
        case
            when transformation = 'identity' then value
            when transformation = 'log' and value > 0 then ln(value)
        end as value
    from divided
),

covered as (
    select transformed.*
    from transformed
    cross join municipalities
    qualify
        count(transformed.value) over (partition by transformed.variable_id, transformed.year)
        = municipalities.asked_municipalities
),

newest as (
    select *
    from covered
    qualify year = max(year) over (partition by variable_id)
),

standardised as (
    select
        variable_id,
        municipality_code,
        year as reference_year,
        -- Rounded, so that the order in which rows are added up decides nothing.
        round(
            (value - avg(value) over variable) / nullif(stddev_pop(value) over variable, 0), 9
        ) as z_score
    from newest
    window variable as (partition by variable_id)
)

select * from standardised
where z_score is not null
