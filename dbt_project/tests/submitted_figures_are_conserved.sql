-- Every figure that the submissions in force give one by one enters an indicator exactly once per
-- role: none is lost on the way, no join multiplies it, and what is not in force stays out. A
-- boundary is taken from one submission whole; what another gives for it stays out.
with cells as (
    select
        cells.submission_id,
        cells.municipality_code,
        cells.year,
        cells.row_key,
        cells.source_ref,
        coalesce(indicators.boundary, 'none') as boundary
    from {{ ref('stg_submissions__cells') }} as cells
    inner join {{ ref('stg_control__submissions') }} as submissions
        on cells.submission_id = submissions.submission_id and submissions.is_in_force
    left join {{ ref('dim_indicator') }} as indicators
        on cells.row_key = indicators.indicator_id
    where
        cells.block in ('emissions', 'key_figures')
        and cells.field = 'value'
        and (cells.value_number is not null or cells.notation_key is not null)
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

used as (
    select
        cells.submission_id,
        cells.municipality_code,
        cells.year,
        cells.boundary,
        cells.row_key,
        count(*) as used_count
    from {{ ref('int_indicator_inputs_unioned') }} as inputs
    inner join cells
        on
            inputs.input_ref = cells.source_ref
            and inputs.municipality_code = cells.municipality_code
            and inputs.year = cells.year
    where inputs.origin_class = 'submitted'
    group by all
),

chosen as (
    select
        municipality_code,
        year,
        boundary,
        min(submission_id) as submission_id
    from used
    group by all
),

-- Where nothing was chosen, all that was given is lost.
given as (
    select distinct
        cells.submission_id,
        cells.row_key
    from cells
    left join chosen
        on
            cells.municipality_code = chosen.municipality_code
            and cells.year = chosen.year
            and cells.boundary = chosen.boundary
    where cells.submission_id = coalesce(chosen.submission_id, cells.submission_id)
)

select
    mapped.roles_count,
    used.used_count,
    'A submitted figure is lost or counted twice.' as message,
    coalesce(given.submission_id, used.submission_id) as submission_id,
    coalesce(given.row_key, used.row_key) as row_key
from given
left join mapped on given.row_key = mapped.row_key
full outer join used
    on given.submission_id = used.submission_id and given.row_key = used.row_key
where coalesce(mapped.roles_count, -1) <> coalesce(used.used_count, 0)
