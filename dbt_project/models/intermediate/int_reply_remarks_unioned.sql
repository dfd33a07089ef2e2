{{ register_rows(
    'reply_remarks',
    {
        'municipality_code': 'text',
        'report_year': 'integer',
        'subject': 'text',
        'remark_da': 'text',
        'received_on': 'date',
        'evidence': 'text',
        'recorded_on': 'date',
    },
    ['municipality_code', 'report_year', 'subject', 'received_on'],
) }}
