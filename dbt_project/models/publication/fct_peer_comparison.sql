with figures as (
    select * from {{ ref('int_comparable_figures_selected') }}
    where is_shown and value is not null
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
    -- Amounts follow the size of a municipality; only what does not can be set beside peers.
    where aggregation <> 'sum'
),

peers as (
    select * from {{ ref('fct_peer') }}
),

comparison_reasons as (
    select * from {{ ref('comparison_reasons') }}
),

newest as (
    select figures.*
    from figures
    inner join indicators on figures.indicator_id = indicators.indicator_id
    qualify
        figures.year
        = max(figures.year) over (partition by figures.municipality_code, figures.indicator_id)
),

guarded as (
    select
        newest.municipality_code,
        newest.indicator_id,
        newest.year,
        newest.unit,
        newest.value,
        newest.is_example,
        peers.method,
        peers.peer_code,
        neighbours.value as peer_value,
        case
            when neighbours.value is null then 'no_peer_value'
            when (newest.origin = 'submitted') <> (neighbours.origin = 'submitted')
                then 'origin_changed'
            {{ comparability_barriers('newest', 'neighbours') }}
            {{ comparability_cautions('newest', 'neighbours') }}
        end as comparability_code
    from newest
    inner join peers on newest.municipality_code = peers.municipality_code
    left join figures as neighbours
        on
            peers.peer_code = neighbours.municipality_code
            and newest.indicator_id = neighbours.indicator_id
            and newest.year = neighbours.year
),

counted as (
    select
        guarded.municipality_code,
        guarded.indicator_id,
        guarded.year,
        guarded.method,
        guarded.unit,
        guarded.value,
        guarded.is_example,
        count(*) as peers_asked,
        count(guarded.peer_value) as peers_with_value,
        count(*) filter (where reasons.is_comparable) as peers_compared,
        median(guarded.peer_value) filter (where reasons.is_comparable) as peer_median,
        min(guarded.comparability_code) filter (
            where reasons.is_comparable and guarded.comparability_code <> 'comparable'
        ) as caution_code
    from guarded
    inner join comparison_reasons as reasons on guarded.comparability_code = reasons.reason_code
    group by all
)

select
    counted.municipality_code,
    counted.indicator_id,
    counted.year,
    counted.method,
    counted.unit,
    counted.value,
    counted.peers_asked,
    counted.peers_with_value,
    counted.peers_compared,
    counted.peer_median,
    comparison_reasons.reason_code as comparability_code,
    comparison_reasons.text_da as comparability_da,
    comparison_reasons.text_en as comparability_en,
    counted.is_example,
    counted.value - counted.peer_median as difference
from counted
inner join comparison_reasons
    on
        comparison_reasons.reason_code = case
            when counted.peers_compared = 0 then 'no_peer_value'
            else coalesce(counted.caution_code, 'comparable')
        end
order by counted.municipality_code, counted.indicator_id, counted.year, counted.method
