with indicators as (
    select
        *,
        min(valid_from_date) over (
            partition by indicator_id
            order by definition_version
            rows between 1 following and unbounded following
        ) as next_from_date,
        max(valid_from_date) over (
            partition by indicator_id
            order by definition_version
            rows between unbounded preceding and 1 preceding
        ) as last_from_date
    from {{ ref('indicators') }}
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
        cast(indicators.next_from_date - interval 1 day as date) as definition_valid_to_date,
        -- A version that begins no later than one before it is valid at the same time.
        coalesce(indicators.last_from_date >= indicators.valid_from_date, false) as is_colliding,
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
