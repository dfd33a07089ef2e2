"""When the rows of a file are of: a column of periods, titles that are periods, or days.

Belongs here: what tells the period in a sample. Does not belong here: what else its columns hold
(``ingestion/drafting/file.py``).
"""

import re
from dataclasses import dataclass, replace

from ingestion.casting import DAY_FORMS, ISO_MONTH, PERIOD_FORMS
from ingestion.declaration import ColumnType
from ingestion.drafting.file_search import WIDE_TITLE, Cells, Found
from ingestion.errors import DeclarationError
from ingestion.file_tables import TextTable, turned_table
from ingestion.request import DateForm, Turned

FEWEST_WIDE = 3


def date_form(columns: dict[str, Cells]) -> DateForm:
    """How days are written in the file: year first unless more columns have them day first."""
    seen = {form: sum(are_days(cells, form) for cells in columns.values()) for form in DAY_FORMS}
    return max(DAY_FORMS, key=lambda form: (seen[form], form == "iso"))


def are_days(cells: Cells, form: DateForm) -> bool:
    """Whether all cells that are filled hold days."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(DAY_FORMS[form].match(cell) for cell in filled)


@dataclass(frozen=True)
class Period:
    """A column that holds a period in every row."""

    title: str
    kind: ColumnType


def periods_in(columns: dict[str, Cells], dates: DateForm, *, must: bool = True) -> list[Period]:
    """Every column of periods, in the file's order.

    Days count only where there is nothing else: then they are of a register.

    Raises:
        DeclarationError: there is none, and there must be.
    """
    found = [
        Period(name, kind)
        for name, cells in columns.items()
        for kind, form in PERIOD_FORMS.items()
        if all(form.fullmatch(ISO_MONTH.sub(r"\1M\2", cell)) for cell in cells)
    ]
    if not found:
        days = (name for name, cells in columns.items() if all(cells) and are_days(cells, dates))
        found = [Period(name, ColumnType.DAY) for name in days][:1]
    if not found and must:
        raise DeclarationError(
            f"None of {', '.join(columns)} holds years (2024), quarters (2024Q1), months (2024M01, "
            "2024-01-01) or days (2024-05-31, 31-05-2024) throughout. A table without a column of "
            "periods cannot be read yet."
        )
    return found


def without_wide_titles(found: Found) -> Found:
    """Columns of one period each are turned into rows, or left out where a row has a period."""
    wide = [name for name in found.header if re.fullmatch(WIDE_TITLE, name)]
    if len(wide) < FEWEST_WIDE or all(map(_is_season, wide)):
        return found
    kept = [i for i, name in enumerate(found.header) if name not in wide]
    header, rows = [found.header[i] for i in kept], [[row[i] for i in kept] for row in found.rows]
    shifted = replace(found, header=header, rows=rows, place=kept.index(found.place))
    columns = {n: c for n, c in shifted.columns.items() if n != header[shifted.place]}
    if periods_in(columns, date_form(columns), must=False):
        return replace(shifted, request={**found.request, "left_out_like": WIDE_TITLE})
    names = (name if name not in header else f"the {name}" for name in ("period", "value"))
    turned = Turned(titles=WIDE_TITLE, period=next(names), value=next(names))
    table = turned_table(TextTable(found.header, found.rows), turned)
    request = {**found.request, "turned": turned.model_dump()}
    return replace(shifted, header=table.header, rows=table.rows, request=request)


def _is_season(title: str) -> bool:
    """``2008-09`` is a season or a year that does not begin in January, and no month."""
    year, _, rest = title.partition("-")
    return rest.isdigit() and int(rest) == (int(year) + 1) % 100
