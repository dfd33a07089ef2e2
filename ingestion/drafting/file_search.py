"""Where in a CSV or XLSX file a table of municipalities is, and how the file is written.

Belongs here: sheets, delimiters, the header above the first municipality. Does not belong here:
what the columns hold (``ingestion/drafting/file.py``).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from ingestion.casting import NO_MUNICIPALITY
from ingestion.file_tables import Rows, open_workbook, read_grid
from ingestion.geography import KNOWN_MUNICIPALITIES
from ingestion.municipality_names import NO_MUNICIPALITY_NAME, folded
from ingestion.request import FileDropRequest
from ingestion.text import one_line

FEWEST_MUNICIPALITIES, LOOKED_THROUGH, MOST_LOOKED_AT = 20, 100, 200
DECIMAL_COMMA, DECIMAL_POINT = re.compile(r"-?[\d. ]*,\d+"), re.compile(r"-?[\d, ]*\.\d+")
Cells = list[str]


@dataclass(frozen=True)
class Found:
    """A table in a file: its header, its rows, and which column holds municipalities."""

    request: dict[str, Any]
    at: int
    header: Cells
    rows: Rows
    place: int
    by_name: bool

    @cached_property
    def columns(self) -> dict[str, Cells]:
        """Cells by the file's name of the column, where it has one."""
        named = enumerate(self.header)
        return {name: [row[i].strip() for row in self.rows] for i, name in named if name}


def tables_in(name: str, content: bytes, spellings: Mapping[str, str]) -> list[Found]:
    """Every reading of the file in which a table shows: by sheet, or by delimiter.

    Args:
        name: the file as it is called, for messages.
        content: its bytes.
        spellings: code by every name of a municipality, for files that have no codes.
    """
    candidates = _sheets(name, content) if content.startswith(b"PK") else _dialects(content)
    return [t for asked in candidates if (t := _table_of(name, content, asked, spellings))]


def _sheets(name: str, content: bytes) -> list[dict[str, Any]]:
    names = [sheet.name for sheet in open_workbook(name, content).sheets if not sheet.is_hidden]
    return [{"format": "xlsx", "sheet": sheet} for sheet in names]


def _dialects(content: bytes) -> list[dict[str, Any]]:
    encoding = next(e for e in ("utf-8", "cp1252", "latin-1") if _decodes(content, e))
    return [{"format": "csv", "delimiter": mark, "encoding": encoding} for mark in ";,\t|"]


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _table_of(
    name: str, content: bytes, request: dict[str, Any], spellings: Mapping[str, str]
) -> Found | None:
    """The rows from the first with a municipality on, by code or else by name, and their header."""
    asked = {"protocol": "file_drop", "decimal_mark": ".", **request}
    rows = read_grid(name, content, FileDropRequest.model_validate(asked)).rows
    for by_name in (False, True):
        reader = partial(_named_place, spellings=spellings) if by_name else _coded_place
        if found := _below_a_header(rows, reader):
            at, header, below, place = found
            return Found({**asked, **_marks(below)}, at, header, below, place, by_name)
    return None


def _below_a_header(
    rows: Rows, reader: Callable[[str], str | None]
) -> tuple[int, Cells, Rows, int] | None:
    """Where the header stands, the header, the rows below it, and the column of municipalities."""
    width = max(map(len, rows[:MOST_LOOKED_AT]), default=0)
    for at in range(min(len(rows) - 1, LOOKED_THROUGH)):
        for place in range(width):
            cells = [row[place] if place < len(row) else "" for row in rows[at : at + 2]]
            if reader(cells[0]) is not None or reader(cells[1]) is None:
                continue
            header = [one_line(cell) for cell in rows[at]]
            if place >= len(header) or not header[place]:
                continue
            end = next((i for i, row in enumerate(rows[at:]) if not any(row)), len(rows) - at)
            below = [row for row in rows[at + 1 : at + end] if len(row) >= len(header)]
            places = {reader(row[place]) for row in below} & KNOWN_MUNICIPALITIES
            if len(places) >= FEWEST_MUNICIPALITIES:
                return at, header, below, place
    return None


def _coded_place(cell: str) -> str | None:
    """A municipality's code, an empty one for another area, None for what is no area."""
    code = cell.strip().zfill(4)
    if code in KNOWN_MUNICIPALITIES:
        return code
    return "" if NO_MUNICIPALITY.fullmatch(cell.strip()) else None


def _named_place(cell: str, spellings: Mapping[str, str]) -> str | None:
    """The same by name."""
    name = folded(cell)
    return spellings.get(name) or ("" if NO_MUNICIPALITY_NAME.fullmatch(name) else None)


def _marks(rows: Rows) -> dict[str, str]:
    """Decimal and thousands mark, as far as the cells show them."""
    cells = [cell.strip() for row in rows for cell in row]
    comma = [c for c in cells if DECIMAL_COMMA.fullmatch(c)]
    point = [c for c in cells if DECIMAL_POINT.fullmatch(c)]
    mark = "," if len(comma) > len(point) else "."
    other = "." if mark == "," else ","
    grouped = re.compile(rf"-?\d{{1,3}}(?:{re.escape(other)}\d{{3}})+(?:{re.escape(mark)}\d+)?")
    return {
        "decimal_mark": mark,
        "thousands_mark": other if any(grouped.fullmatch(c) for c in cells) else "",
    }
