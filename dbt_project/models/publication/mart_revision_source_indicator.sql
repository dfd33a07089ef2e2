with revisions as (
    select * from {{ ref('fct_revision') }}
    where source_id is not null
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

summed as (
    select
        source_id,
        indicator_id,
        count(distinct municipality_code || '/' || year) as values_count,
        count(distinct municipality_code || '/' || year) filter (where revision_abs is not null)
            as revised_values_count,
        count(revision_abs) as revisions_count,
        max(vintage_date) filter (where revision_abs is not null) as last_revised_date,
        avg(revision_abs) filter (where revision_number = 1) as mean_first_revision,
        avg(abs(revision_abs)) as mean_absolute_revision,
        avg(abs(revision_pct)) as mean_absolute_revision_pct,
        100 * avg(case when is_sign_turned then 1.0 when not is_sign_turned then 0.0 end)
            as sign_turned_share_pct
    from revisions
    group by source_id, indicator_id
)

select
    summed.source_id,
    summed.indicator_id,
    indicators.name_da,
    indicators.name_en,
    indicators.unit,
    indicators.unit_da,
    summed.values_count,
    summed.revised_values_count,
    summed.revisions_count,
    summed.last_revised_date,
    summed.mean_first_revision,
    summed.mean_absolute_revision,
    summed.mean_absolute_revision_pct,
    summed.sign_turned_share_pct
from summed
inner join indicators on summed.indicator_id = indicators.indicator_id
order by summed.source_id, summed.indicator_id
