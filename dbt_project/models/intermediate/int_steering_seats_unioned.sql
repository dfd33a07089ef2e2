{{ register_rows(
    'steering_seats',
    {
        'municipality_code': 'text',
        'office_da': 'text',
        'is_chair': 'boolean',
        'valid_from_date': 'date',
        'valid_to_date': 'date',
        'evidence_da': 'text',
        'evidence_link': 'text',
        'recorded_on': 'date',
    },
    ['municipality_code', 'valid_from_date'],
) }}
