"""Where in a CSV or XLSX file a table of municipalities is, and how the file is written.

Belongs here: sheets, delimiters, the header above the first municipality. Does not belong here:
what the columns hold (``ingestion/drafting/file.py``).
"""

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from ingestion.casting import NO_MUNICIPALITY
from ingestion.errors import AnswerError, DeclarationError
from ingestion.file_tables import Rows, open_workbook, read_grid
from ingestion.geography import KNOWN_MUNICIPALITIES
from ingestion.municipality_names import NO_MUNICIPALITY_NAME, folded
from ingestion.request import FileDropRequest
from ingestion.text import one_line

FEWEST_MUNICIPALITIES, LOOKED_THROUGH, MOST_LOOKED_AT = 20, 100, 200
# Of the cells of a column of municipalities so many are areas; figures are codes by chance only.
FEWEST_AREAS = 0.8
# Titles that are periods: figures of one month or year each, side by side.
WIDE_TITLE = r"(?:19|20)\d{2}(?:[-MKQ]\d{1,2})?"
NUMBER = re.compile(r"-?\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?|-?\d+[.,]\d+")
Cells = list[str]
Reader = Callable[[str], str | None]


@dataclass(frozen=True)
class Found:
    """A table in a file: its header, its rows, and which column holds municipalities.

    ``also`` are other columns that hold some, ``elsewhere`` other sheets with such a table.
    """

    request: dict[str, Any]
    at: int
    header: Cells
    rows: Rows
    place: int
    by_name: bool
    also: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> dict[str, Cells]:
        """Cells by the file's name of the column, where it has one."""
        named = enumerate(self.header)
        return {name: [row[i].strip() for row in self.rows] for i, name in named if name}


def find_in_file(
    name: str, content: bytes, spellings: Mapping[str, str], decimal_mark: str | None = None
) -> Found | None:
    """The table of the file: of several sheets or delimiters, the one that shows most rows.

    Args:
        name: the file as it is called, for messages.
        content: its bytes.
        spellings: code by every name of a municipality, for files that have no codes.
        decimal_mark: where a person has said it.

    Raises:
        DeclarationError: nobody can tell how its numbers are written.
    """
    is_workbook = content.startswith(b"PK")
    candidates = _sheets(name, content) if is_workbook else _dialects(content)
    tables = [t for asked in candidates if (t := _table_of(name, content, asked, spellings))]
    if not tables:
        return None
    best = max(tables, key=lambda table: len(table.rows))
    texts = _texts_of_sheet(name, content, best) if is_workbook else _cells(best.rows)
    marks = _marks(name, texts, decimal_mark, "," if best.request.get("delimiter") == ";" else ".")
    others = tuple(t.request["sheet"] for t in tables if is_workbook and t is not best)
    return replace(best, request=best.request | marks, elsewhere=others)


def _sheets(name: str, content: bytes) -> list[dict[str, Any]]:
    names = [sheet.name for sheet in open_workbook(name, content).sheets if not sheet.is_hidden]
    return [{"format": "xlsx", "sheet": sheet} for sheet in names]


def _dialects(content: bytes) -> list[dict[str, Any]]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
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
    """The rows below a header with municipalities, by code or, where those are fewer, by name."""
    asked = {"protocol": "file_drop", "decimal_mark": ".", **request}
    try:
        rows = read_grid(name, content, FileDropRequest.model_validate(asked)).rows
    except AnswerError:
        # Read with another delimiter, a file of text is no table.
        return None
    coded = _below_a_header(rows, _coded_place)
    named = _below_a_header(rows, partial(_named_place, spellings=spellings))
    by_name = named is not None and (coded is None or named.areas > coded.areas)
    found = named if by_name else coded
    if found is None:
        return None
    return Found(asked, found.at, found.header, found.rows, found.place, by_name, found.also)


@dataclass(frozen=True)
class _Below:
    """A header, the rows below it, its column of municipalities, and what share of it are areas."""

    at: int
    header: Cells
    rows: Rows
    place: int
    areas: float
    also: tuple[str, ...]


def _below_a_header(rows: Rows, reader: Reader) -> _Below | None:
    """The first row below which a column holds municipalities."""
    for at in range(min(len(rows) - 1, LOOKED_THROUGH)):
        header = [one_line(cell) for cell in rows[at]]
        if not any(reader(cell) is not None for cell in rows[at + 1]):
            continue
        end = next((i for i, row in enumerate(rows[at:]) if not any(row)), len(rows) - at)
        below = [row for row in rows[at + 1 : at + end] if len(row) >= len(header)]
        shares = {
            place: share
            for place, title in enumerate(header)
            if title and not re.fullmatch(WIDE_TITLE, title) and reader(title) is None
            if (share := _share_of_areas(below, place, reader)) >= FEWEST_AREAS
        }
        if shares:
            place = max(shares, key=lambda one: (shares[one], -one))
            also = tuple(header[other] for other in shares if other != place)
            return _Below(at, header, below, place, shares[place], also)
    return None


def _share_of_areas(rows: Rows, place: int, reader: Reader) -> float:
    """Which share of a column's cells are areas; none where too few are municipalities."""
    read = [reader(row[place]) for row in rows]
    if len(set(read) & KNOWN_MUNICIPALITIES) < FEWEST_MUNICIPALITIES:
        return 0.0
    return sum(area is not None for area in read) / len(read)


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


def unknown_names(found: Found, spellings: Mapping[str, str]) -> list[str]:
    """Names, where a table has them, that are of no area that is known."""
    names = dict.fromkeys(row[found.place] for row in found.rows) if found.by_name else {}
    return [name for name in names if _named_place(name, spellings) is None]


def _cells(rows: Rows) -> Cells:
    return [cell.strip() for row in rows for cell in row]


def _texts_of_sheet(name: str, content: bytes, found: Found) -> Cells:
    """Numbers that a sheet holds as text: those it holds as numbers have no marks."""
    sheet = open_workbook(name, content).sheet(found.request["sheet"])
    cells = sheet.cells.values() if sheet else ()
    return [str(cell.value).strip() for cell in cells if cell.kind == "text"]


def _marks(name: str, cells: Cells, said: str | None, usual: str) -> dict[str, str]:
    """Decimal and thousands mark, as far as the cells show them.

    ``1.234`` shows nothing: it may be 1234 or a little over 1.

    Raises:
        DeclarationError: both marks are decimal marks, or only such numbers are there.
    """
    numbers = [cell for cell in cells if NUMBER.fullmatch(cell)]
    sure = {mark: [n for n in numbers if _ends_in(n, mark)] for mark in ",."}
    if sure[","] and sure["."]:
        both = f"{sure[','][0]} and {sure['.'][0]}"
        raise DeclarationError(f"{name}: numbers are written in two ways, {both}. Mend the file.")
    shown = next((mark for mark in ",." if sure[mark]), None)
    if numbers and shown is None and said is None:
        raise DeclarationError(
            f"{name}: nobody can tell whether {numbers[0]} is a whole number or a fraction. "
            "Say --decimal-mark , or --decimal-mark ."
        )
    mark = shown or said or usual
    other = "." if mark == "," else ","
    return {
        "decimal_mark": mark,
        "thousands_mark": other if any(other in n for n in numbers) else "",
    }


def _ends_in(number: str, mark: str) -> bool:
    """Whether the mark can only be a decimal one: once, last, and not before three digits."""
    whole, found, fraction = number.rpartition(mark)
    other = "." if mark == "," else ","
    is_last = bool(found) and other not in fraction and mark not in whole
    return is_last and (len(fraction) != 3 or other in whole or len(whole.lstrip("-")) > 3)
