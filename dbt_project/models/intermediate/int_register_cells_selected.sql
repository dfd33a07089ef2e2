with cells as (
    select * from {{ ref('stg_submissions__cells') }}
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force and form_id = 'registers'
),

newest as (
    select submission_id
    from submissions
    qualify row_number() over (order by decision_number desc) = 1
)

select
    cells.submission_id,
    cells.form_id,
    cells.municipality_code,
    cells.year,
    cells.block,
    cells.row_key,
    cells.row_number,
    cells.field,
    cells.sheet,
    cells.cell,
    cells.value_text,
    cells.value_number,
    cells.value_date,
    cells.notation_key,
    cells.file_sha256,
    cells.recorded_at,
    cells.is_example,
    cells.source_ref
from cells
inner join newest on cells.submission_id = newest.submission_id
