with method_parameters as (
    select * from {{ ref('method_parameters') }}
),

runs as (
    select * from {{ ref('stg_control__runs') }}
)

select
    method_parameters.parameter,
    method_parameters.value,
    try_cast(method_parameters.value as double) as number
from method_parameters
cross join runs
where method_parameters.valid_from_date <= cast(runs.as_of_at as date)
qualify
    row_number() over (
        partition by method_parameters.parameter
        order by method_parameters.valid_from_date desc
    ) = 1
