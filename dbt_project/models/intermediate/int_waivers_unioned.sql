{{ register_rows(
    'waivers',
    {
        'municipality_code': 'text',
        'requirement': 'integer',
        'valid_from': 'date',
        'expires_on': 'date',
        'reason': 'text',
        'evidence': 'text',
        'recorded_on': 'date',
    },
    ['municipality_code', 'requirement', 'valid_from'],
) }}
