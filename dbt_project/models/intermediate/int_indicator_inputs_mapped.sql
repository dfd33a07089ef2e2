with indicator_inputs as (
    select * from {{ ref('indicator_inputs') }}
),

indicators as (
    select * from {{ ref('int_indicators_selected') }}
),

made_of_inputs as (
    select distinct indicator_id
    from indicator_inputs
    where substr(dataset, 1, 10) = 'municipal_'
)

select
    dataset,
    provider_code,
    indicator_id,
    role
from indicator_inputs
union all
-- What municipalities report as it is: the catalogue says so, no list of its own.
select
    'municipal_indicators' as dataset,
    indicators.indicator_id as provider_code,
    indicators.indicator_id,
    'value' as role
from indicators
left join made_of_inputs on indicators.indicator_id = made_of_inputs.indicator_id
where
    instr(indicators.origin_precedence, 'submitted') > 0
    and made_of_inputs.indicator_id is null
