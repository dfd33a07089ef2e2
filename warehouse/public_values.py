"""Public figures of the current publication, for holding submissions against them."""

from typing import Any

import duckdb

from warehouse.layout import Layout
from warehouse.publications import DATABASE

PUBLIC = """
    select fct_indicator_value.municipality_code, fct_indicator_value.indicator_id,
        fct_indicator_value.year, fct_indicator_value.value, dim_indicator.tolerance_rel
    from fct_indicator_value
    inner join dim_indicator on fct_indicator_value.indicator_id = dim_indicator.indicator_id
    where fct_indicator_value.origin <> 'submitted' and fct_indicator_value.value is not null
"""


def public_values(layout: Layout) -> list[dict[str, Any]]:
    """Rows of municipality_code, indicator_id, year, value, tolerance_rel; none before the first
    publication.
    """
    file = layout.current / DATABASE
    if not file.exists():
        return []
    with duckdb.connect(str(file.resolve()), read_only=True) as connection:
        cursor = connection.execute(PUBLIC)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
