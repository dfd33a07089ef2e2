-- Every row that a provider gave is in the tables or set aside by gate 1: rows read = accepted +
-- set aside, and the accepted ones are those that the models read; the same for each report.
with staged as (
    {{ staged_row_counts() }}
),

source_states as (
    select * from {{ ref('stg_control__source_states') }}
    where source_id <> 'municipal_submissions'
),

submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where is_in_force
),

cells as (
    select
        submission_id,
        count(*) as staged_rows
    from {{ ref('stg_submissions__cells') }}
    group by submission_id
),

-- Read after everything that the sources feed, so that their views are there.
indicators as (
    select count(*) as values_count
    from {{ ref('fct_indicator_value') }}
)

select
    source_states.source_id as taken_from,
    source_states.rows_read,
    source_states.rows_accepted,
    staged.staged_rows,
    indicators.values_count,
    'Rows of a source were lost or doubled on the way into the tables.' as message
from source_states
cross join indicators
left join staged on source_states.source_id = staged.source_id
where
    source_states.rows_accepted <> coalesce(staged.staged_rows, 0)
    or source_states.rows_read <> source_states.rows_accepted + source_states.rows_set_aside
union all
select
    submissions.submission_id as taken_from,
    submissions.facts_count as rows_read,
    submissions.facts_count as rows_accepted,
    cells.staged_rows,
    null as values_count,
    'Cells of a report were lost or doubled on the way into the tables.' as message
from submissions
left join cells on submissions.submission_id = cells.submission_id
where submissions.facts_count <> coalesce(cells.staged_rows, 0)
