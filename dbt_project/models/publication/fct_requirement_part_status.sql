with judged as (
    select * from {{ ref('int_requirement_parts_judged') }}
)

select
    municipality_code,
    requirement,
    part,
    part_name_da,
    part_name_en,
    year,
    as_of_date,
    status,
    status_name_da,
    status_name_en,
    reason_code,
    reason_da,
    reason_en,
    rule_version,
    rule_status_da,
    rule_status_en,
    evidence_count,
    min_count,
    due_date,
    is_example
from judged
where judged_date = as_of_date and rule_version is not null
order by municipality_code, requirement, part, year
