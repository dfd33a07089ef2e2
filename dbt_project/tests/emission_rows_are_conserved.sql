-- Every accepted emission of the account by sector is in the fact table: none is lost, none counted
-- twice.
with accepted as (
    select count(*) as accepted_rows
    from {{ ref('stg_klimaregnskabet__key_figures') }}
    where measure = 'emission' and sector <> 'Samlet'
),

published as (
    select coalesce(sum(computed.counted_inputs), 0) as published_rows
    from {{ ref('fct_emission') }} as emissions
    inner join {{ ref('int_indicator_values_computed') }} as computed
        on
            emissions.municipality_code = computed.municipality_code
            and emissions.year = computed.year
            and emissions.origin = computed.origin
            and computed.indicator_id = 'ghg_' || emissions.boundary || '_' || emissions.sector_id
    where emissions.boundary = 'danish_account' and emissions.origin = 'public'
)

select
    accepted.accepted_rows,
    published.published_rows,
    'Accepted emission rows and published ones differ in number.' as message
from accepted
cross join published
where accepted.accepted_rows <> published.published_rows
