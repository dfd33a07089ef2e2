with reported as (
    select * from {{ ref('stg_submissions__targets') }}
),

judged as (
    select * from {{ ref('int_targets_judged') }}
),

actions as (
    select * from {{ ref('stg_submissions__actions') }}
    where status not in ('cancelled', 'paused') and expected_effect_tco2e is not null
),

-- The first report's words make the frozen path; each report's own value makes its own row.
targets as (
    select
        reported.submission_id,
        reported.target_id,
        reported.kind,
        reported.target_year,
        judged.target_unit,
        judged.base_value_frozen_tco2e,
        judged.base_frozen_report_year,
        judged.base_value_now_tco2e,
        judged.base_value_frozen_tco2e_per_capita,
        judged.reason_code,
        case
            when reported.kind = 'net_zero' then 0
            when reported.kind <> 'percent_vs_base' then reported.target_value
            when judged.base_value_frozen_tco2e > 0
                then judged.base_value_frozen_tco2e * (100 - reported.target_value) / 100
        end as target_level
    from reported
    inner join judged
        on
            reported.municipality_code = judged.municipality_code
            and reported.target_id = judged.target_id
            and coalesce(reported.adopted_date, date '9999-12-31') = judged.adopted_key
),

reduced as (
    select
        *,
        case
            when reason_code is not null then null
            when kind = 'per_capita'
                then 100 - 100 * target_level / base_value_frozen_tco2e_per_capita
            else 100 - 100 * target_level / base_value_frozen_tco2e
        end as reduction_pct,
        base_value_frozen_tco2e - case
            when reason_code is null and kind <> 'per_capita' then target_level
        end as reduction_promised_tco2e
    from targets
),

backed as (
    select
        reduced.submission_id,
        reduced.target_id,
        {{ joined_text('actions.source_ref', ' + ') }} as backed_source_ref,
        count(actions.expected_effect_tco2e) as quantified_actions_count,
        coalesce(sum(actions.expected_effect_tco2e), 0) as reduction_backed_tco2e
    from reduced
    left join actions
        on
            reduced.submission_id = actions.submission_id
            and reduced.target_year >= actions.full_effect_year
    group by reduced.submission_id, reduced.target_id
)

select
    reduced.submission_id,
    reduced.target_id,
    reduced.target_level,
    reduced.target_unit,
    reduced.base_value_frozen_tco2e,
    reduced.base_frozen_report_year,
    reduced.base_value_now_tco2e,
    reduced.reduction_pct,
    reduced.reduction_promised_tco2e,
    backed.reduction_backed_tco2e,
    backed.quantified_actions_count,
    backed.backed_source_ref,
    case
        when reduced.reduction_promised_tco2e is not null and reduced.base_value_now_tco2e > 0
            then 100 - 100 * reduced.target_level / reduced.base_value_now_tco2e
    end as reduction_if_tonnes_kept_pct,
    case
        when reduced.reduction_promised_tco2e is not null
            then reduced.base_value_now_tco2e * (100 - reduced.reduction_pct) / 100
    end as target_if_percentage_kept_tco2e,
    reduced.reduction_promised_tco2e - backed.reduction_backed_tco2e as manko_tco2e,
    coalesce(
        reduced.reason_code, case when reduced.kind = 'per_capita' then 'per_capita_in_tonnes' end
    ) as reason_code
from reduced
inner join backed
    on
        reduced.submission_id = backed.submission_id
        and reduced.target_id = backed.target_id
