with municipalities as (
    select * from {{ ref('municipalities') }}
),

scores as (
    select * from {{ ref('int_structure_values_standardised') }}
),

peer_counts as (
    select number as peer_count
    from {{ ref('int_method_parameters_selected') }}
    where parameter = 'peer_count'
),

peer_methods as (
    select * from {{ ref('peer_methods') }}
),

distances as (
    select
        scores.municipality_code,
        neighbours.municipality_code as peer_code,
        count(*) as variables_count,
        min(scores.reference_year) as oldest_reference_year,
        max(scores.reference_year) as newest_reference_year,
        round(
            sqrt(sum(power(scores.z_score - neighbours.z_score, 2))), 6
        ) as distance
    from scores
    inner join scores as neighbours
        on
            scores.variable_id = neighbours.variable_id
            and scores.municipality_code <> neighbours.municipality_code
    group by scores.municipality_code, neighbours.municipality_code
),

ranked as (
    select
        *,
        row_number() over (partition by municipality_code order by distance, peer_code)
            as peer_rank
    from distances
),

peers as (
    select
        'nearest' as method,
        ranked.municipality_code,
        ranked.peer_code,
        ranked.peer_rank,
        ranked.distance,
        ranked.variables_count,
        ranked.oldest_reference_year,
        ranked.newest_reference_year
    from ranked
    cross join peer_counts
    where ranked.peer_rank <= peer_counts.peer_count
    union all
    select
        'structural_group' as method,
        municipalities.municipality_code,
        neighbours.municipality_code as peer_code,
        cast(null as bigint) as peer_rank,
        cast(null as double) as distance,
        cast(null as bigint) as variables_count,
        cast(null as integer) as oldest_reference_year,
        cast(null as integer) as newest_reference_year
    from municipalities
    inner join municipalities as neighbours
        on
            municipalities.structural_group_no = neighbours.structural_group_no
            and municipalities.municipality_code <> neighbours.municipality_code
)

select
    peers.municipality_code,
    peers.method,
    peers.peer_code,
    peer_methods.name_da as method_name_da,
    peer_methods.name_en as method_name_en,
    peer_methods.status_da as method_status_da,
    named.name_da as peer_name_da,
    named.structural_group_no as peer_structural_group_no,
    named.structural_group_name_da as peer_structural_group_name_da,
    peers.peer_rank,
    peers.distance,
    peers.variables_count,
    peers.oldest_reference_year,
    peers.newest_reference_year
from peers
inner join peer_methods on peers.method = peer_methods.method
inner join municipalities as named on peers.peer_code = named.municipality_code
order by peers.municipality_code, peers.method, peers.peer_code
