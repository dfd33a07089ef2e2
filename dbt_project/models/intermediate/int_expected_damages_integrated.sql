with points as (
    select
        *,
        1 / nullif(return_period_years, 0) as probability
    from {{ ref('stg_submissions__damage_points') }}
),

-- The trapezoid written as one share per event, so that each event's damage can be followed into
-- the sum; beyond the rarest event its damage stays the same.
shared as (
    select
        *,
        (
            coalesce(lag(probability) over curve, probability)
            + coalesce(-lead(probability) over curve, probability)
        ) / 2 as annual_share
    from points
    window curve as (partition by submission_id, project_id order by return_period_years)
),

counted as (
    select
        *,
        count(*) over project as damage_curve_points,
        count(probability) over project as known_points,
        count(damage_before_dkk + damage_after_dkk) over project as known_damages,
        row_number() over (
            partition by submission_id, project_id order by return_period_years, row_key
        ) as point_order,
        lag(return_period_years) over (
            partition by submission_id, project_id order by return_period_years, row_key
        ) as earlier_return_period_years,
        lag(damage_before_dkk) over (
            partition by submission_id, project_id order by return_period_years, row_key
        ) as earlier_damage_before_dkk,
        lag(damage_after_dkk) over (
            partition by submission_id, project_id order by return_period_years, row_key
        ) as earlier_damage_after_dkk
    from shared
    window project as (partition by submission_id, project_id)
),

judged as (
    select
        *,
        case
            when least(known_points, known_damages) < damage_curve_points
                then 'damage_points_incomplete'
            when
                bool_or(return_period_years = earlier_return_period_years)
                    over (partition by submission_id, project_id)
                then 'damage_points_not_monotone'
            when damage_curve_points < 2 then 'damage_points_too_few'
            when
                bool_or(
                    damage_before_dkk < earlier_damage_before_dkk
                    or damage_after_dkk < earlier_damage_after_dkk
                ) over (partition by submission_id, project_id)
                then 'damage_falls_with_rarity'
        end as reason_code,
        -- An event that is exceeded every year leaves no more frequent one out.
        bool_or(
            point_order = 1
            and probability < 1
            and (damage_before_dkk > 0 or damage_after_dkk > 0)
        ) over (partition by submission_id, project_id) as is_cut_off
    from counted
)

select
    submission_id,
    row_key,
    project_id,
    point_order,
    return_period_years,
    damage_curve_points,
    reason_code,
    case when reason_code is null and is_cut_off then 'frequent_events_not_given' end
        as caution_code,
    case when reason_code is null then annual_share end as annual_share,
    case
        when reason_code is null
            then sum(annual_share * damage_before_dkk)
                over (partition by submission_id, project_id)
    end as expected_annual_damage_before_dkk,
    case
        when reason_code is null
            then sum(annual_share * damage_after_dkk)
                over (partition by submission_id, project_id)
    end as expected_annual_damage_after_dkk
from judged
