with indicators as (
    select * from {{ ref('indicators') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
),

selected as (
    select
        indicators.indicator_id,
        indicators.name_da,
        indicators.name_en,
        indicators.definition_da,
        indicators.definition_en,
        indicators.theme,
        indicators.unit,
        indicators.direction,
        indicators.kind,
        indicators.scale,
        indicators.aggregation,
        indicators.time_basis,
        indicators.first_year,
        indicators.denominator_name_da,
        indicators.min_denominator,
        indicators.is_absent_numerator_zero,
        indicators.valid_min,
        indicators.valid_max,
        indicators.origin_precedence,
        indicators.tolerance_rel,
        indicators.requirement,
        indicators.decimals,
        indicators.definition_version,
        indicators.valid_from_date,
        indicators.what_changed_da,
        indicators.boundary,
        substr(indicators.origin_precedence, 1, 9) = 'submitted' as is_submittable,
        case
            when indicators.time_basis = '1_january' then year(runs.as_of_at)
            else year(runs.as_of_at) - 1
        end as last_year
    from indicators
    cross join runs
    where indicators.valid_from_date <= cast(runs.as_of_at as date)
)

select * from selected
qualify
    row_number() over (partition by indicator_id order by definition_version desc) = 1
