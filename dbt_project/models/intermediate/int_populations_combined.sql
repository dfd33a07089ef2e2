with quarterly as (
    select * from {{ ref('stg_statbank__population_quarterly') }}
),

monthly as (
    select * from {{ ref('stg_statbank__population_monthly') }}
),

candidates as (
    select
        municipality_code,
        year,
        population,
        population_missing,
        source_id,
        release_id,
        row_key,
        recorded_at,
        1 as preference
    from quarterly
    where quarter_no = 1
    union all
    select
        municipality_code,
        year,
        population,
        population_missing,
        source_id,
        release_id,
        row_key,
        recorded_at,
        2 as preference
    from monthly
    where month_no = 1
),

-- A number from the monthly table goes before a gap in the quarterly one.
ranked as (
    select
        *,
        row_number() over (
            partition by municipality_code, year
            order by case when population is null then 1 else 0 end, preference
        ) as preference_rank
    from candidates
)

select
    municipality_code,
    year,
    population,
    population_missing,
    source_id,
    release_id,
    row_key,
    recorded_at
from ranked
where preference_rank = 1
