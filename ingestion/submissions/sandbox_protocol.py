"""What ``sandbox`` and its limited processes say to each other: frames, and cells as JSON.

Importing it loads no reader of workbooks. What comes back from a limited process is as untrusted as
the file it read: nothing is taken but what an honest reader can say, down to each value.
"""

import json
import re
import struct
from collections.abc import Mapping
from dataclasses import asdict, replace
from itertools import chain
from math import isfinite
from typing import Any, Literal, get_args

from ingestion.submissions.archive import RefusedError, sheets_of_forms, shown_name, shown_suffix
from ingestion.submissions.cells import (
    COLUMNS_LIMIT,
    MERGED_LIMIT,
    REFERENCE,
    ROWS_LIMIT,
    SHEET_NAME_LIMIT,
    Cell,
    FileCells,
    Kind,
    Place,
    SheetCells,
    cell_place,
    sheet_name,
)
from ingestion.submissions.findings import Finding, codes, finding

REQUEST, ANSWER, STATUS = struct.Struct(">cII"), struct.Struct(">cI"), struct.Struct(">i")
PIPES = 2
READ, ANNOTATE = b"r", b"a"
CELLS, REFUSED, ANNOTATED = b"c", b"f", b"w"
ANSWER_LIMIT = 32_000_000
FILE_SECONDS = 10
COPY_NAME = "copy.xlsx"

Door = Literal["workbook", "csv_bundle", "cdp"]
DOORS: dict[str, Door] = {door: door for door in get_args(Door)}
KIND_TYPES: Mapping[Kind, type] = {
    "text": str,
    "number": float,
    "boolean": bool,
    "date": str,
    "error": str,
    "formula": type(None),
}
PAIRS = frozenset(KIND_TYPES.items())
# The one refusal of a reader that is no matter of the file but of what stands in it.
NO_EXPORT = "cdp-delimiter"
# What a refusal may name besides its place; all else in its words is our own.
FIGURES = frozenset({"sheet", "count", "limit", "size_mb", "limit_mb", "rows", "columns"})
FIGURE = re.compile(r"(?:nr\. )?[0-9]{1,9}(?:,[0-9])?")
Position = tuple[int, int]


def as_json(plain: Mapping[str, Any]) -> bytes:
    """Plain data as compact JSON."""
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def plain_cells(file: FileCells) -> dict[str, Any]:
    """A file as plain data."""
    return {
        "door": file.door,
        "has_macros": file.has_macros,
        "has_external_links": file.has_external_links,
        "sheets": [_plain_sheet(sheet) for sheet in file.sheets],
    }


def _plain_sheet(sheet: SheetCells) -> dict[str, Any]:
    """Cells as columns: a list for each cell would take three times as long to read."""
    cells = sheet.cells.values()
    return {
        "name": sheet.name,
        "is_hidden": sheet.is_hidden,
        "hidden_rows": sorted(sheet.hidden_rows),
        "hidden_columns": sorted(sheet.hidden_columns),
        "merged": sheet.merged,
        "disagreements": sheet.disagreements,
        "rows": [row for row, _ in sheet.cells],
        "columns": [column for _, column in sheet.cells],
        "kinds": [cell.kind for cell in cells],
        "values": [cell.value for cell in cells],
        "formats": {i: c.number_format for i, c in enumerate(cells) if c.number_format},
    }


def plain_refusal(refusal: RefusedError) -> dict[str, Any]:
    """A refusal as plain data; the words are added by the reader of the answer."""
    words = {"code": refusal.code, "found": refusal.found, "figures": refusal.figures}
    return {"place": asdict(refusal.place), **words}


def answer_from(said: bytes) -> tuple[bytes, bytes]:
    """Kind and body of all that a reader said.

    Raises:
        ValueError: it is not exactly one answer.
    """
    if len(said) < ANSWER.size:
        raise ValueError("the answer is cut off")
    kind, length = ANSWER.unpack_from(said)
    if len(said) != ANSWER.size + length:
        raise ValueError("the answer is not as long as it says")
    return kind, said[ANSWER.size :]


def cells_from(body: bytes) -> FileCells:
    """Take the cells of one file from an answer.

    Raises:
        ValueError: it is not such an answer.
    """
    try:
        plain = json.loads(body)
        return FileCells(
            sheets=tuple(_sheet_from(sheet) for sheet in plain["sheets"]),
            door=DOORS[plain["door"]],
            has_macros=plain["has_macros"] is True,
            has_external_links=plain["has_external_links"] is True,
        )
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError) as error:
        raise ValueError("the answer does not describe a file") from error


def _sheet_from(plain: Mapping[str, Any]) -> SheetCells:
    name = _text(plain["name"])
    if name != sheet_name(name) or len(name) > SHEET_NAME_LIMIT:
        raise ValueError("the answer names a sheet as none is named")
    return SheetCells(
        name=name,
        cells=_cells_from(plain),
        is_hidden=plain["is_hidden"] is True,
        hidden_rows=frozenset(_numbers(plain["hidden_rows"], ROWS_LIMIT)),
        hidden_columns=frozenset(_numbers(plain["hidden_columns"], COLUMNS_LIMIT)),
        merged=_merged(plain["merged"]),
        disagreements=tuple(map(_place, _of_type(plain["disagreements"], {str}))),
    )


def _cells_from(plain: Mapping[str, Any]) -> dict[Position, Cell]:
    rows = _numbers(plain["rows"], ROWS_LIMIT)
    columns = _numbers(plain["columns"], COLUMNS_LIMIT)
    kinds, values = _of_type(plain["kinds"], {str}), plain["values"]
    if not isinstance(values, list) or not len(rows) == len(columns) == len(values) == len(kinds):
        raise ValueError("the answer does not describe cells")
    _check_values(kinds, values)
    cells = dict(zip(zip(rows, columns, strict=True), map(Cell, kinds, values), strict=True))
    if len(cells) < len(rows):
        raise ValueError("the answer gives a cell twice")
    for index, code in plain["formats"].items():
        place = rows[int(index)], columns[int(index)]
        cells[place] = replace(cells[place], number_format=_text(code))
    return cells


def _check_values(kinds: list[str], values: list[Any]) -> None:
    """Each value is of the type that its kind has. In whole columns, which is what takes time."""
    if not PAIRS.issuperset(zip(kinds, map(type, values), strict=True)):
        raise ValueError("the answer holds a value of another kind")
    if not all(isfinite(value) for value in values if type(value) is float):
        raise ValueError("the answer holds a number that is none")
    _check_text("".join(value for value in values if type(value) is str))


def _numbers(values: Any, limit: int) -> list[int]:
    numbers: list[int] = _of_type(values, {int})
    if numbers and not 1 <= min(numbers) <= max(numbers) <= limit:
        raise ValueError("the answer holds a place outside of every sheet")
    return numbers


def _merged(values: Any) -> tuple[str, ...]:
    ranges: list[str] = _of_type(values, {str})
    if len(ranges) > MERGED_LIMIT:
        raise ValueError("the answer holds too many merged ranges")
    for corner in chain.from_iterable(area.split(":", 1) for area in ranges):
        _place(corner)
    return tuple(ranges)


def _place(name: str) -> str:
    row, column = cell_place(name)
    if row > ROWS_LIMIT or column > COLUMNS_LIMIT:
        raise ValueError("the answer holds a place outside of every sheet")
    return name


def _of_type(values: Any, types: set[type]) -> list[Any]:
    if not isinstance(values, list) or not types.issuperset(map(type, values)):
        raise ValueError("the answer holds values of another type")
    return values


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("the answer holds something else than text")
    _check_text(value)
    return value


def _check_text(text: str) -> None:
    """Half of a pair of surrogates could be neither stored nor shown."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("the answer holds text that is none") from None


def refusal_from(body: bytes) -> Finding:
    """Take a refusal from an answer, in the words of ``codes.yml``.

    Raises:
        ValueError: it is not such an answer.
    """
    try:
        plain = json.loads(body)
        code, sheet, found = plain["code"], plain["place"]["sheet"], plain["found"]
        figures = {name: _figure(value) for name, value in plain["figures"].items()}
        if code != NO_EXPORT and codes()[code].layer != "file":
            raise ValueError("the answer is no refusal of a file")
        if not FIGURES.issuperset(figures) or sheet not in {None, *sheets_of_forms()}:
            raise ValueError("the answer names what no refusal names")
        return finding(code, Place(sheet), found=_found(found), **figures)
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise ValueError("the answer does not describe a refusal") from error


def _found(value: Any) -> str | None:
    """A cell, an ending, or a name that may be shown; nothing that a sender could have made up."""
    if value is None:
        return None
    found = _text(value)
    if REFERENCE.fullmatch(found) or found in (shown_name(found), shown_suffix(found)):
        return found
    raise ValueError("the answer shows what is not shown")


def _figure(value: Any) -> str:
    if type(value) not in (int, str) or not FIGURE.fullmatch(str(value)):
        raise ValueError("the answer holds a figure that is none")
    return str(value)
