{{ config(materialized='table') }}

with members as (
    select * from {{ ref('int_panel_members_unioned') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

indicator_years as (
    select distinct
        indicator_id,
        year
    from {{ ref('int_indicator_years_spined') }}
),

sums as (
    select * from {{ ref('int_panel_amounts_summed') }}
),

panels as (
    select
        panel_id,
        year,
        count(*) as municipalities_count,
        -- Membership is asked of the alliance's panels only; of others there is nothing to count.
        case when count(is_confirmed) > 0 then count(*) filter (where not is_confirmed) end
            as municipalities_unconfirmed_count,
        bool_or(is_example) as is_example
    from members
    group by panel_id, year
),

judged as (
    select
        panels.panel_id,
        indicator_years.indicator_id,
        indicator_years.year,
        indicators.definition_version,
        indicators.boundary,
        indicators.unit,
        indicators.aggregation,
        indicators.scale,
        panels.municipalities_count,
        panels.municipalities_unconfirmed_count,
        sums.is_complete,
        sums.amount,
        sums.largest_amount,
        sums.numerator,
        sums.denominator,
        coalesce(sums.municipalities_with_value_count, 0) as municipalities_with_value_count,
        coalesce(sums.municipalities_submitted_count, 0) as municipalities_submitted_count,
        panels.is_example or coalesce(sums.is_example, false) as is_example,
        case
            when indicators.aggregation = 'none' then 'does_not_add_up'
            when sums.municipalities_with_value_count is null then 'no_values'
            when sums.municipalities_with_value_count < panels.municipalities_count
                then 'members_missing'
            when indicators.aggregation <> 'ratio_of_sums' then null
            when sums.denominator = 0 then 'denominator_zero'
            when sums.denominator < indicators.min_denominator then 'below_min_denominator'
        end as reason_code
    from panels
    inner join indicator_years on panels.year = indicator_years.year
    inner join indicators on indicator_years.indicator_id = indicators.indicator_id
    left join sums
        on
            panels.panel_id = sums.panel_id
            and indicator_years.indicator_id = sums.indicator_id
            and panels.year = sums.year
)

select
    panel_id,
    indicator_id,
    year,
    definition_version,
    boundary,
    unit,
    municipalities_count,
    municipalities_unconfirmed_count,
    municipalities_with_value_count,
    municipalities_submitted_count,
    is_example,
    reason_code,
    case
        when reason_code is not null then null
        when aggregation = 'ratio_of_sums' then scale * numerator / nullif(denominator, 0)
        when aggregation = 'max' then largest_amount
        else amount
    end as value,
    case when reason_code is null and aggregation = 'ratio_of_sums' then numerator end as numerator,
    case when reason_code is null and aggregation = 'ratio_of_sums' then denominator end
        as denominator,
    case when reason_code = 'members_missing' and aggregation = 'sum' then amount end as known_sum,
    reason_code is null and is_complete as is_complete
from judged
