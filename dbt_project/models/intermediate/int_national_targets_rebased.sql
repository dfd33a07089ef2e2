with national_targets as (
    select * from {{ ref('national_targets') }}
),

national_emissions as (
    select
        year,
        sum(emission_mtco2e) as emission_mtco2e
    from {{ ref('national_emissions') }}
    group by year
),

path_methods as (
    select * from {{ ref('path_methods') }}
    where method_id = 'national_mirror'
),

runs as (
    select * from {{ ref('stg_control__runs') }}
)

select
    national_targets.target_year,
    national_targets.valid_from_date,
    path_methods.anchor_year,
    national_targets.reduction_min_pct,
    100 - (100 - national_targets.reduction_min_pct)
    * bases.emission_mtco2e / nullif(anchors.emission_mtco2e, 0) as reduction_vs_anchor_pct
from national_targets
cross join path_methods
cross join runs
inner join national_emissions as bases on national_targets.base_year = bases.year
inner join national_emissions as anchors on path_methods.anchor_year = anchors.year
where
    national_targets.is_in_mirror
    and national_targets.valid_from_date <= cast(runs.as_of_at as date)
    and national_targets.target_year > path_methods.anchor_year
qualify
    row_number() over (
        partition by national_targets.target_year order by national_targets.valid_from_date desc
    ) = 1
