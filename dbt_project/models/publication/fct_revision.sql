with revisions as (
    select * from {{ ref('int_revisions_measured') }}
),

first_revisions as (
    select
        municipality_code,
        indicator_id,
        year,
        series_number,
        revision_abs as first_revision
    from revisions
    where revision_number = 1
),

-- The year before as it stood in the same publication, and as it stood until then.
changes as (
    select
        revisions.*,
        revisions.value - then_known.value as annual_change,
        revisions.previous_value - before_known.value as previous_annual_change
    from revisions
    left join revisions as then_known
        on
            revisions.municipality_code = then_known.municipality_code
            and revisions.indicator_id = then_known.indicator_id
            and revisions.year - 1 = then_known.year
            and revisions.series = then_known.series
            and revisions.publication_number >= then_known.publication_number
            and revisions.publication_number
            < coalesce(then_known.next_number, revisions.publication_number + 1)
    left join revisions as before_known
        on
            revisions.municipality_code = before_known.municipality_code
            and revisions.indicator_id = before_known.indicator_id
            and revisions.year - 1 = before_known.year
            and revisions.series = before_known.series
            and revisions.publication_number > before_known.publication_number
            and revisions.publication_number
            <= coalesce(before_known.next_number, revisions.publication_number)
)

select
    changes.municipality_code,
    changes.indicator_id,
    changes.year,
    changes.vintage_date,
    changes.value,
    changes.unit,
    changes.source_id,
    changes.origin,
    changes.definition_version,
    changes.boundary,
    changes.previous_vintage_date,
    changes.previous_value,
    changes.revision_abs,
    changes.first_vintage_date,
    changes.first_value,
    first_revisions.first_revision,
    changes.annual_change,
    changes.previous_annual_change,
    cast(changes.series_number as integer) as series_number,
    cast(changes.revision_number as integer) as revision_number,
    100 * changes.revision_abs / nullif(abs(changes.previous_value), 0) as revision_pct,
    changes.next_number is null as is_newest,
    case when changes.revision_number > 0 then changes.value - changes.first_value end
        as total_revision,
    case
        when changes.revision_number > 0
            then changes.annual_change * changes.previous_annual_change < 0
    end as is_sign_turned
from changes
left join first_revisions
    on
        changes.municipality_code = first_revisions.municipality_code
        and changes.indicator_id = first_revisions.indicator_id
        and changes.year = first_revisions.year
        and changes.series_number = first_revisions.series_number
order by changes.municipality_code, changes.indicator_id, changes.year, changes.vintage_date
