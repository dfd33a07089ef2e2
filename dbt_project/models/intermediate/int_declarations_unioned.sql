{{ register_rows(
    'sector_declarations',
    {
        'declaration_id': 'text',
        'name_da': 'text',
        'name_en': 'text',
        'level': 'text',
        'renamed_to_en': 'text',
        'valid_from_date': 'date',
        'valid_to_date': 'date',
        'evidence_da': 'text',
        'evidence': 'text',
        'recorded_on': 'date',
    },
    ['declaration_id'],
) }}
