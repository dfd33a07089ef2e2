with submissions as (
    select * from {{ ref('stg_control__submissions') }}
    where form_id = 'report'
),

signatures as (
    select * from {{ ref('fct_declaration_signature') }}
),

declarations as (
    select * from {{ ref('int_declarations_unioned') }}
),

-- A correction after the deadline does not make a report late that came in time.
received as (
    select
        municipality_code,
        year,
        cast(min(received_at) as date) as first_date
    from submissions
    where status in ('accepted', 'superseded')
    group by municipality_code, year
)

select
    submissions.municipality_code,
    'report' as evidence_kind,
    cast(submissions.year as string) as item_key,
    submissions.year as report_year,
    submissions.year as evidence_year,
    received.first_date as from_date,
    null as to_date,
    submissions.status as evidence_value,
    'Indberetning for ' || cast(submissions.year as string) as what_da,
    submissions.submission_id as evidence,
    submissions.source_ref,
    submissions.is_example
from submissions
inner join received
    on
        submissions.municipality_code = received.municipality_code
        and submissions.year = received.year
where submissions.is_in_force
union all
select
    signatures.municipality_code,
    'signature' as evidence_kind,
    signatures.declaration_id as item_key,
    signatures.year as report_year,
    null as evidence_year,
    signatures.signed_date as from_date,
    signatures.withdrawn_date - 1 as to_date,
    declarations.level as evidence_value,
    'Deklaration: ' || coalesce(declarations.name_da, signatures.declaration_id) as what_da,
    signatures.evidence,
    signatures.source_ref,
    signatures.is_example
from signatures
left join declarations on signatures.declaration_id = declarations.declaration_id
