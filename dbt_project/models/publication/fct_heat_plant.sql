with plants as (
    select
        *,
        fuel_mwh * factor_tco2_per_mwh as emission_tco2,
        coalesce(heat_mwh > 0 and power_mwh > 0, false) as is_combined
    from {{ ref('stg_submissions__heat_plants') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

methods as (
    select
        *,
        heat_efficiency_pct / 100 as heat_efficiency
    from {{ ref('heat_power_methods') }}
),

parameters as (
    select * from {{ ref('int_method_parameters_selected') }}
    where parameter = 'heat_power_method'
),

reasons as (
    select * from {{ ref('calculation_reasons') }}
),

judged as (
    select
        plants.*,
        methods.method,
        methods.name_da as method_name_da,
        methods.name_en as method_name_en,
        methods.heat_efficiency_pct,
        submissions.is_example as is_of_example,
        plants.heat_mwh / methods.heat_efficiency as heat_share_mwh,
        methods.method = parameters.value as is_selected,
        case
            when not plants.is_combined then 'not_combined'
            when plants.heat_mwh / methods.heat_efficiency <= plants.fuel_mwh then null
            else 'heat_exceeds_fuel'
        end as reason_code
    from plants
    inner join submissions on plants.submission_id = submissions.submission_id
    cross join methods
    cross join parameters
),

allocated as (
    select
        *,
        case when reason_code is null then heat_share_mwh end as heat_fuel_mwh,
        case when reason_code is null then fuel_mwh - heat_share_mwh end as power_fuel_mwh
    from judged
)

select
    allocated.municipality_code,
    allocated.year,
    allocated.plant_id,
    allocated.plant_name,
    allocated.fuel,
    allocated.method,
    allocated.method_name_da,
    allocated.method_name_en,
    allocated.heat_efficiency_pct,
    allocated.is_selected,
    allocated.fuel_mwh,
    allocated.heat_mwh,
    allocated.power_mwh,
    allocated.factor_tco2_per_mwh,
    allocated.emission_tco2,
    allocated.heat_fuel_mwh,
    allocated.power_fuel_mwh,
    allocated.reason_code,
    reasons.text_da as reason_da,
    reasons.text_en as reason_en,
    allocated.evidence,
    allocated.submission_id,
    allocated.source_ref,
    allocated.recorded_at,
    allocated.is_of_example as is_example,
    'municipal_submissions' as source_id,
    allocated.heat_fuel_mwh * allocated.factor_tco2_per_mwh as heat_emission_tco2,
    allocated.power_fuel_mwh * allocated.factor_tco2_per_mwh as power_emission_tco2,
    1000 * allocated.heat_fuel_mwh * allocated.factor_tco2_per_mwh
    / nullif(allocated.heat_mwh, 0) as heat_kgco2_per_mwh,
    1000 * allocated.power_fuel_mwh * allocated.factor_tco2_per_mwh
    / nullif(allocated.power_mwh, 0) as power_kgco2_per_mwh
from allocated
left join reasons on allocated.reason_code = reasons.reason_code
order by allocated.municipality_code, allocated.year, allocated.plant_id, allocated.method
