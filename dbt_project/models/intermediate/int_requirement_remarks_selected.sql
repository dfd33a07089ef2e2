with remarks as (
    select * from {{ ref('int_reply_remarks_unioned') }}
),

requirements as (
    select * from {{ ref('requirements') }}
)

select
    remarks.municipality_code,
    requirements.requirement,
    remarks.report_year as year,
    remarks.received_on,
    remarks.remark_da,
    remarks.evidence,
    remarks.is_example,
    remarks.source_ref
from remarks
inner join requirements
    on
        replace(lower(trim(remarks.subject)), '_', ' ') in (
            cast(requirements.requirement as string),
            'krav ' || cast(requirements.requirement as string),
            'requirement ' || cast(requirements.requirement as string)
        )
