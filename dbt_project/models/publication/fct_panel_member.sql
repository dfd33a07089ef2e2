with members as (
    select * from {{ ref('int_panel_members_unioned') }}
)

select
    panel_id,
    year,
    municipality_code,
    is_confirmed,
    is_example
from members
order by panel_id, year, municipality_code
