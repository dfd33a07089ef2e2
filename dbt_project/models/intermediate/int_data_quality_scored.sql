with computed as (
    select * from {{ ref('int_indicator_values_computed') }}
    -- A bound on the key lets the engine leave out all that are no emissions.
    where substr(indicator_id, 1, 4) = 'ghg_' and origin = 'submitted'
),

grades as (
    select * from {{ ref('quality_grades') }}
),

sectors as (
    select * from {{ ref('int_sector_indicators_mapped') }}
),

-- A figure is no better than the worse of its activity data and its factor.
graded as (
    select
        computed.municipality_code,
        computed.indicator_id,
        computed.year,
        computed.origin,
        computed.value,
        greatest(activity.grade, factor.grade) as grade,
        least(activity.weight, factor.weight) as weight,
        coalesce(computed.grade_activity, computed.grade_factor) is not null as is_graded
    from computed
    inner join grades as activity on coalesce(computed.grade_activity, 'none') = activity.code
    inner join grades as factor on coalesce(computed.grade_factor, 'none') = factor.code
),

scored as (
    select
        graded.municipality_code,
        sectors.total_id,
        graded.year,
        graded.origin,
        sum(abs(graded.value) * graded.weight)
        / nullif(sum(abs(graded.value)), 0) as data_quality_score
    from graded
    inner join sectors on graded.indicator_id = sectors.indicator_id
    where graded.value is not null
    group by graded.municipality_code, sectors.total_id, graded.year, graded.origin
    -- Where nobody has graded anything, the quality is not known, which is not 0.
    having bool_or(graded.is_graded)
)

select
    graded.municipality_code,
    graded.indicator_id,
    graded.year,
    graded.origin,
    graded.grade,
    scored.data_quality_score
from graded
left join scored
    on
        graded.municipality_code = scored.municipality_code
        and graded.indicator_id = scored.total_id
        and graded.year = scored.year
        and graded.origin = scored.origin
where graded.value is not null
