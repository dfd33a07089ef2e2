with spine as (
    select * from {{ ref('int_municipality_years_spined') }}
),

wide as (
    select * from {{ ref('int_municipality_years_pivoted') }}
)

select
    spine.municipality_code,
    spine.year,
    spine.name_da,
    spine.name_en,
    spine.region_code,
    spine.region_name_da,
    spine.region_name_en,
    spine.structural_group_no,
    spine.structural_group_name_da,
    spine.structural_group_name_en,
    {{ indicator_names('wide') }},
    coalesce(wide.is_example, false) as is_example
from spine
left join wide
    on
        spine.municipality_code = wide.municipality_code
        and spine.year = wide.year
order by spine.municipality_code, spine.year
