with municipalities as (
    select * from {{ ref('municipalities') }}
),

alliance_panels as (
    select * from {{ ref('alliance_panels') }}
)

select
    'all_municipalities' as panel_id,
    'Alle kommuner' as panel_name_da,
    'All municipalities' as panel_name_en,
    municipality_code
from municipalities
union all
select
    panel_id,
    panel_name_da,
    panel_name_en,
    municipality_code
from alliance_panels
