{{ register_rows(
    'reporting_deadlines',
    {
        'report_year': 'integer',
        'deadline_date': 'date',
        'grace_until_date': 'date',
        'evidence': 'text',
        'recorded_on': 'date',
    },
    ['report_year'],
) }}
