with sources as (
    select * from {{ ref('stg_submissions__emission_sources') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

gwp_sets as (
    select
        gwp_set,
        max(gwp_value) filter (where gas = 'CO2') as co2_gwp,
        max(gwp_value) filter (where gas = 'CH4') as ch4_gwp,
        max(gwp_value) filter (where gas = 'N2O') as n2o_gwp
    from {{ ref('gwp_sets') }}
    group by gwp_set
),

parameters as (
    select
        max(value) filter (where parameter = 'gwp_set') as selected_gwp_set,
        max(number) filter (where parameter = 'gas_sum_tolerance_pct') / 100 as tolerance_rel,
        max(number) filter (where parameter = 'gas_sum_tolerance_t') as tolerance_tco2e
    from {{ ref('int_method_parameters_selected') }}
),

summed as (
    select
        sources.submission_id,
        sources.row_key,
        sources.gwp_set as stated_gwp_set,
        gwp_sets.gwp_set,
        sources.emission_tco2e as stated_tco2e,
        sources.emission_tco2e is null as has_no_number,
        coalesce(sources.co2_t, sources.ch4_t, sources.n2o_t) is not null as has_gases,
        gwp_sets.gwp_set = parameters.selected_gwp_set as is_selected,
        greatest(
            parameters.tolerance_rel * abs(sources.emission_tco2e), parameters.tolerance_tco2e
        ) as tolerance_tco2e,
        sources.co2_t * gwp_sets.co2_gwp
        + sources.ch4_t * gwp_sets.ch4_gwp
        + sources.n2o_t * gwp_sets.n2o_gwp as gases_tco2e
    from sources
    inner join submissions on sources.submission_id = submissions.submission_id
    cross join gwp_sets
    cross join parameters
),

compared as (
    select
        *,
        abs(
            stated_tco2e
            - max(case when gwp_set = stated_gwp_set then gases_tco2e end) over (
                partition by submission_id, row_key
            )
        ) as apart_tco2e
    from summed
),

judged as (
    select
        *,
        case
            when has_no_number then 'no_number'
            when gwp_set = stated_gwp_set then null
            when not has_gases then 'gases_not_given'
            when gases_tco2e is null then 'gases_incomplete'
            when coalesce(apart_tco2e > tolerance_tco2e, true) then 'gases_differ'
        end as reason_code
    from compared
)

select
    submission_id,
    row_key,
    gwp_set,
    is_selected,
    reason_code,
    case
        when reason_code is not null then null
        when gwp_set = stated_gwp_set then stated_tco2e
        else gases_tco2e
    end as emission_tco2e,
    case
        when reason_code is not null then null
        when gwp_set = stated_gwp_set then 'stated'
        else 'gases'
    end as basis
from judged
