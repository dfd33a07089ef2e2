with figures as (
    select * from {{ ref('int_comparable_figures_selected') }}
    where is_shown and value is not null
),

series_breaks as (
    select * from {{ ref('series_breaks') }}
),

comparison_reasons as (
    select * from {{ ref('comparison_reasons') }}
),

ordered as (
    select
        *,
        lag(year) over (partition by municipality_code, indicator_id order by year)
            as previous_year,
        min(year) over (partition by municipality_code, indicator_id) as base_year
    from figures
),

pairs as (
    {% for kind in ['previous', 'base'] -%}
        {{ 'union all' if not loop.first }}
        select
            *,
            '{{ kind }}' as kind,
            {{ kind }}_year as other_year
        from ordered
    {% endfor %}
),

breaks as (
    select
        pairs.municipality_code,
        pairs.indicator_id,
        pairs.year,
        pairs.kind,
        max(series_breaks.kind) filter (where series_breaks.kind = 'definition') as definition_kind
    from pairs
    inner join series_breaks
        on
            pairs.indicator_id = series_breaks.indicator_id
            and pairs.other_year < series_breaks.first_year
            and pairs.year >= series_breaks.first_year
    group by pairs.municipality_code, pairs.indicator_id, pairs.year, pairs.kind
),

compared as (
    select
        pairs.municipality_code,
        pairs.indicator_id,
        pairs.year,
        pairs.kind,
        pairs.other_year,
        earlier.value as other_value,
        pairs.value - earlier.value as difference,
        case
            when pairs.other_year is null then 'no_earlier_value'
            when pairs.other_year = pairs.year then 'base_year'
            when breaks.definition_kind is not null then 'definition_changed'
            when breaks.year is not null then 'series_break'
            when (pairs.origin = 'submitted') <> (earlier.origin = 'submitted')
                then 'origin_changed'
            {{ comparability_barriers('pairs', 'earlier') }}
            when earlier.value <= 0 then 'reference_not_positive'
            when pairs.kind = 'previous' and pairs.year - pairs.other_year > 1 then 'gap_in_years'
            {{ comparability_cautions('pairs', 'earlier') }}
        end as comparability_code
    from pairs
    left join figures as earlier
        on
            pairs.municipality_code = earlier.municipality_code
            and pairs.indicator_id = earlier.indicator_id
            and pairs.other_year = earlier.year
    left join breaks
        on
            pairs.municipality_code = breaks.municipality_code
            and pairs.indicator_id = breaks.indicator_id
            and pairs.year = breaks.year
            and pairs.kind = breaks.kind
)

select
    compared.*,
    comparison_reasons.text_da,
    comparison_reasons.text_en,
    case when comparison_reasons.is_comparable then compared.difference end as change_abs,
    case
        when comparison_reasons.is_comparable and compared.other_value > 0
            then 100 * compared.difference / compared.other_value
    end as change_pct
from compared
inner join comparison_reasons on compared.comparability_code = comparison_reasons.reason_code
