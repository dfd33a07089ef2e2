-- Every figure that the submissions in force give one by one enters an indicator exactly once per
-- role: none is lost on the way, no join multiplies it, and what is not in force stays out.
with cells as (
    select * from {{ ref('stg_submissions__cells') }}
    where
        block in ('emissions', 'key_figures')
        and field = 'value'
        and (value_number is not null or notation_key is not null)
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

-- Some figures that are asked for serve checks alone and enter no indicator.
asked as (
    select
        input_id as row_key,
        0 as role_count
    from {{ ref('reporting_inputs') }}
    union all
    select
        provider_code as row_key,
        1 as role_count
    from {{ ref('int_indicator_inputs_mapped') }}
    where dataset in ('municipal_key_figures', 'municipal_indicators')
),

mapped as (
    select
        row_key,
        sum(role_count) as roles_count
    from asked
    group by row_key
),

-- The same figure in two forms counts once.
given as (
    select distinct
        cells.municipality_code,
        cells.year,
        cells.row_key
    from cells
    inner join submissions on cells.submission_id = submissions.submission_id
),

used as (
    select
        inputs.municipality_code,
        inputs.year,
        cells.row_key,
        count(*) as used_count
    from {{ ref('int_indicator_inputs_unioned') }} as inputs
    inner join cells
        on
            inputs.input_ref = cells.source_ref
            and inputs.municipality_code = cells.municipality_code
            and inputs.year = cells.year
    inner join submissions on cells.submission_id = submissions.submission_id
    where inputs.origin_class = 'submitted'
    group by inputs.municipality_code, inputs.year, cells.row_key
)

select
    mapped.roles_count,
    used.used_count,
    'A submitted figure is lost or counted twice.' as message,
    coalesce(given.municipality_code, used.municipality_code) as municipality_code,
    coalesce(given.year, used.year) as year,
    coalesce(given.row_key, used.row_key) as row_key
from given
left join mapped on given.row_key = mapped.row_key
full outer join used
    on
        given.municipality_code = used.municipality_code
        and given.year = used.year
        and given.row_key = used.row_key
where coalesce(mapped.roles_count, -1) <> coalesce(used.used_count, 0)
