-- Each published table has exactly the rows, and each wide table exactly the figures, of what it is
-- made of: no join multiplies a row and none loses one. What a provider gives for a year outside
-- the catalogue's is no cell of the star.
with computed as (
    select * from {{ ref('int_indicator_values_computed') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

shown as (
    select * from {{ ref('fct_indicator') }}
),

figures as (
    select * from {{ ref('fct_panel_indicator') }}
),

spine as (
    select * from {{ ref('int_municipality_years_spined') }}
),

indicator_years as (
    select
        year,
        count(distinct indicator_id) as indicators_count
    from shown
    group by year
),

panel_years as (
    select distinct
        panel_id,
        year
    from {{ ref('fct_panel_member') }}
),

sectors as (
    select * from {{ ref('int_sector_indicators_mapped') }}
),

{% set counts = {
    'fct_indicator_value': [
        "select count(*) from " ~ ref('fct_indicator_value'),
        "select count(*) from " ~ ref('int_indicator_values_judged'),
    ],
    'fct_indicator': [
        "select count(value) from shown",
        "select count(computed.value) from computed inner join indicators "
        ~ "on computed.indicator_id = indicators.indicator_id where computed.is_shown and ("
        ~ "computed.origin = 'submitted' "
        ~ "or computed.year between indicators.first_year and indicators.last_year)",
    ],
    'fct_emission': [
        "select count(*) from " ~ ref('fct_emission'),
        "select count(*) from computed "
        ~ "where is_shown and indicator_id in (select sectors.indicator_id from sectors)",
    ],
    'fct_panel_indicator': [
        "select count(*) from figures",
        "select sum(indicator_years.indicators_count) from panel_years "
        ~ "inner join indicator_years on panel_years.year = indicator_years.year",
    ],
    'mart_municipality_year': [
        "select count(*) from " ~ ref('mart_municipality_year'),
        "select count(*) from spine",
    ],
    'mart_alliance_year': [
        "select count(*) from " ~ ref('mart_alliance_year'),
        "select count(*) from panel_years",
    ],
    'figures of mart_municipality_year': [
        "select " ~ counted_figures() ~ " from " ~ ref('mart_municipality_year'),
        "select count(shown.value) from shown inner join spine "
        ~ "on shown.municipality_code = spine.municipality_code and shown.year = spine.year",
    ],
    'figures of mart_alliance_year': [
        "select " ~ counted_figures(is_panel=true) ~ " from " ~ ref('mart_alliance_year'),
        "select count(value) from figures",
    ],
} %}

counts as (
    {% for table, queries in counts.items() -%}
        {{ 'union all' if not loop.first }}
        select
            '{{ table }}' as table_name,
            ({{ queries[0] }}) as found_count,
            ({{ queries[1] }}) as asked_count
    {% endfor %}
)

select
    *,
    'A join multiplies or loses rows.' as message
from counts
where found_count is distinct from asked_count
