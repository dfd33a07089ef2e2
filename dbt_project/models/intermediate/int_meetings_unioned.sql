{{ register_rows(
    'meetings',
    {
        'meeting_id': 'text',
        'kind': 'text',
        'held_on': 'date',
        'title_da': 'text',
        'evidence_da': 'text',
        'evidence_link': 'text',
        'recorded_on': 'date',
    },
    ['meeting_id'],
) }}
