with national_targets as (
    select * from {{ ref('national_targets') }}
),

rebased as (
    select * from {{ ref('int_national_targets_rebased') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
)

select
    national_targets.target_year,
    national_targets.kind,
    national_targets.valid_from_date,
    national_targets.name_da,
    national_targets.name_en,
    national_targets.base_year,
    national_targets.reduction_min_pct,
    national_targets.reduction_max_pct,
    rebased.anchor_year,
    rebased.reduction_vs_anchor_pct,
    national_targets.status,
    national_targets.source,
    national_targets.valid_from_date <= cast(runs.as_of_at as date) as is_valid,
    rebased.target_year is not null as is_in_mirror
from national_targets
cross join runs
left join rebased
    on
        national_targets.is_in_mirror
        and national_targets.target_year = rebased.target_year
        and national_targets.valid_from_date = rebased.valid_from_date
order by national_targets.target_year, national_targets.kind, national_targets.valid_from_date
