{{ register_rows(
    'memberships',
    {
        'municipality_code': 'text',
        'status': 'text',
        'valid_from_date': 'date',
        'valid_to_date': 'date',
        'evidence_da': 'text',
        'evidence_link': 'text',
        'recorded_on': 'date',
    },
    ['municipality_code', 'valid_from_date'],
) }}
