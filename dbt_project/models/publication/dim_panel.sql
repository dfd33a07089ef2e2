with panels as (
    select * from {{ ref('panels') }}
),

members as (
    select * from {{ ref('int_panel_members_unioned') }}
),

counted as (
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

newest as (
    select
        *,
        min(year) over (partition by panel_id) as first_year
    from counted
    qualify row_number() over (partition by panel_id order by year desc) = 1
)

select
    panels.panel_id,
    panels.panel_name_da,
    panels.panel_name_en,
    panels.kind,
    panels.kind_name_da,
    panels.kind_name_en,
    panels.what_da,
    panels.what_en,
    newest.first_year,
    newest.year as last_year,
    newest.municipalities_unconfirmed_count,
    coalesce(newest.municipalities_count, 0) as municipalities_count,
    coalesce(newest.is_example, false) as is_example
from panels
left join newest on panels.panel_id = newest.panel_id
order by panels.panel_id
