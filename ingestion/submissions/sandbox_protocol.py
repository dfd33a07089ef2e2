"""What ``sandbox`` and its limited processes say to each other: frames, and cells as JSON.

Importing it loads no reader of workbooks. What comes back from a limited process is as untrusted as
the file it read, so ``cells_from`` takes nothing but the types it expects.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal, get_args

from ingestion.submissions.archive import RefusedError
from ingestion.submissions.cells import Cell, FileCells, Kind, Place, SheetCells
from ingestion.submissions.findings import Finding, finding

REQUEST, ANSWER = struct.Struct(">cII"), struct.Struct(">cI")
READ, ANNOTATE = b"r", b"a"
READY, CELLS, REFUSED, ANNOTATED = b"y", b"c", b"f", b"w"
ANSWER_LIMIT = 32_000_000
FILE_SECONDS = 10

Door = Literal["workbook", "csv_bundle"]
KINDS = frozenset(get_args(Kind))
VALUE_TYPES = frozenset({str, float, bool, type(None)})
DOORS: dict[str, Door] = {"workbook": "workbook", "csv_bundle": "csv_bundle"}
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
    return SheetCells(
        name=_text(plain["name"]),
        cells=_cells_from(plain),
        is_hidden=plain["is_hidden"] is True,
        hidden_rows=frozenset(_of_type(plain["hidden_rows"], {int})),
        hidden_columns=frozenset(_of_type(plain["hidden_columns"], {int})),
        merged=tuple(_of_type(plain["merged"], {str})),
        disagreements=tuple(_of_type(plain["disagreements"], {str})),
    )


def _cells_from(plain: Mapping[str, Any]) -> dict[Position, Cell]:
    rows, columns = _of_type(plain["rows"], {int}), _of_type(plain["columns"], {int})
    values, kinds = _of_type(plain["values"], VALUE_TYPES), plain["kinds"]
    if not KINDS.issuperset(kinds) or not len(rows) == len(columns) == len(values) == len(kinds):
        raise ValueError("the answer does not describe cells")
    cells = dict(zip(zip(rows, columns, strict=True), map(Cell, kinds, values), strict=True))
    for index, code in plain["formats"].items():
        place = rows[int(index)], columns[int(index)]
        cells[place] = Cell(cells[place].kind, cells[place].value, _text(code))
    return cells


def _of_type(values: Any, types: set[type] | frozenset[type]) -> list[Any]:
    if not isinstance(values, list) or not types.issuperset(map(type, values)):
        raise ValueError("the answer holds values of another type")
    return values


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("the answer holds something else than text")
    return value


def refusal_from(body: bytes) -> Finding:
    """Take a refusal from an answer, in the words of ``codes.yml``.

    Raises:
        ValueError: it is not such an answer.
    """
    try:
        plain = json.loads(body)
        found = plain["found"]
        place = Place(_optional_text(plain["place"]["sheet"]))
        return finding(plain["code"], place, found=found, **plain["figures"])
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise ValueError("the answer does not describe a refusal") from error


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)
