-- A municipality, year and form has at most one submission in force, and that one is accepted.
with submissions as (
    select * from {{ ref('fct_submission') }}
    where is_in_force
)

select
    form_id,
    municipality_code,
    year,
    'One accepted submission is in force at a time.' as message,
    count(*) as in_force_count
from submissions
group by form_id, municipality_code, year
having count(*) > 1 or count(*) filter (where status <> 'accepted') > 0
