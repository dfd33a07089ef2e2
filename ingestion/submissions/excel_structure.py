"""What python-calamine does not tell about a sheet: formulas, errors, formats, hidden or merged.

``needs_structure`` finds by byte scan the few sheets where it matters; ``read_structure`` reads
such a sheet with openpyxl's parser, alone and without the parts that a sheet may point to.
"""

import io
import re
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from openpyxl.reader.strings import read_string_table
from openpyxl.styles.numbers import (
    BUILTIN_FORMATS,
    is_date_format,
    is_timedelta_format,
)
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH
from openpyxl.worksheet._reader import COL_TAG, FORMULA_TAG, ROW_TAG, WorkSheetParser

from ingestion.submissions.cells import COLUMNS_LIMIT, ROWS_LIMIT, Cell, cell_name, cell_place

Position = tuple[int, int]

# Each begins with fixed letters: patterns that do not are ten times slower on a whole sheet.
MARKS = tuple(
    re.compile(pattern)
    for pattern in (
        rb"<f[\s/>]",
        rb't="s"><v>(?![0-9]+<)',
        rb't="e"',
        rb'hidden="[1t]',
        rb' ht="0+(?:\.0*)?"',
        rb' width="0+(?:\.0*)?"',
    )
)
# Attributes written in a way that the marks would not see.
UNUSUAL = (b"='", b'= "', b' ="')
# Comments and CDATA sections: calamine drops what stands after or in them.
MARKUP = b"<!"
PREFIXED = b":sheetData"

# As every program writes it, and in whatever way it may be written.
MERGED, ANY_MERGED = (
    re.compile(rb'<mergeCell ref="([^"&]*)"/>'),
    re.compile(rb"[<:]mergeCell[\s/>]"),
)
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
SCALED = re.compile(r"[0#?],+(?![0#?,])")
TRUE = ("1", "true")
NO_NUMBER = "#NUM!"
KNOWN_TYPES = frozenset({"n", "s", "b", "d", "e", "str", "inlineStr"})


@dataclass(frozen=True)
class Formats:
    """Number formats by style: which make dates, which durations, which change what is seen."""

    dates: frozenset[int]
    durations: frozenset[int]
    changing: Mapping[int, str]

    def used_pattern(self) -> re.Pattern[bytes] | None:
        """Finds cells of a style that changes what is seen; None when there is no such style."""
        if not self.changing:
            return None
        styles = b"|".join(str(style).encode() for style in self.changing)
        return re.compile(rb's="(?:%s)"' % styles)


@dataclass(frozen=True)
class StructureCell:
    """A cell as openpyxl reads it. ``is_readable`` is false where it cannot make sense of it."""

    cell: Cell | None
    has_formula: bool
    is_readable: bool
    number_format: str | None


@dataclass(frozen=True)
class Structure:
    """A sheet as openpyxl reads it."""

    cells: Mapping[Position, StructureCell]
    hidden_rows: frozenset[int]
    hidden_columns: tuple[range, ...]


def read_formats(styles: bytes | None) -> Formats:
    """The number formats of a workbook.

    Args:
        styles: the style part; None when the workbook has none.
    """
    if styles is None:
        return Formats(frozenset(), frozenset(), {})
    root = ElementTree.fromstring(styles)  # noqa: S314
    named = root.findall("{*}numFmts/{*}numFmt")
    own = {_integer(entry.get("numFmtId")): entry.get("formatCode", "") for entry in named}
    used = [_integer(xf.get("numFmtId")) for xf in root.findall("{*}cellXfs/{*}xf")]
    codes = {style: own.get(id_, BUILTIN_FORMATS.get(id_, "")) for style, id_ in enumerate(used)}
    return Formats(
        dates=frozenset(style for style, code in codes.items() if is_date_format(code)),
        durations=frozenset(style for style, code in codes.items() if is_timedelta_format(code)),
        changing={style: code for style, code in codes.items() if changes_what_is_seen(code)},
    )


def _integer(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def changes_what_is_seen(code: str) -> bool:
    """Whether a number format shows another number: per cent, or thousands left out."""
    bare = QUOTED.sub("", code)
    return "%" in bare or bool(SCALED.search(bare))


def needs_structure(part: bytes, formats: Formats, used: re.Pattern[bytes] | None) -> bool:
    """Whether a sheet may hold what calamine does not tell.

    Args:
        part: the sheet's XML, known to be well-formed UTF-8.
        formats: of the workbook.
        used: its ``used_pattern``.
    """
    if 0 in formats.changing or any(sign in part for sign in (MARKUP, PREFIXED, *UNUSUAL)):
        return True
    if used and used.search(part):
        return True
    return any(mark.search(part) for mark in MARKS)


def merged_references(part: bytes) -> list[str]:
    """The merged ranges of a sheet as they are written.

    Args:
        part: the sheet's XML, known to be well-formed UTF-8.
    """
    if b"mergeCell" not in part:
        return []
    usual = MERGED.findall(part)
    if MARKUP not in part and len(usual) == len(ANY_MERGED.findall(part)):
        return [reference.decode() for reference in usual]
    references: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "mergeCell":
            references.append(attributes.get("ref", ""))

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(part, True)
    return references


def cut_range(reference: str) -> str | None:
    """``B4:C4``, cut to the limits of a sheet; None when it lies outside of them.

    Raises:
        ValueError: Excel knows no such range.
    """
    first, _, last = reference.upper().partition(":")
    rows, columns = zip(cell_place(first), cell_place(last or first), strict=True)
    if max(rows) > LAST_ROW or max(columns) > LAST_COLUMN:
        raise ValueError(f"{reference!r} lies outside of every sheet")
    if min(rows) > ROWS_LIMIT or min(columns) > COLUMNS_LIMIT:
        return None
    first = cell_name(min(rows), min(columns))
    return f"{first}:{cell_name(min(max(rows), ROWS_LIMIT), min(max(columns), COLUMNS_LIMIT))}"


def read_strings(part: bytes | None) -> Sequence[str]:
    """The shared strings as openpyxl reads them."""
    return read_string_table(io.BytesIO(part)) if part else ()


def read_structure(
    part: bytes, strings: Sequence[str], formats: Formats, *, is_1904: bool
) -> Structure:
    """Read one sheet.

    Args:
        part: the sheet's XML.
        strings: the workbook's shared strings.
        formats: the workbook's number formats.
        is_1904: whether its days are counted from 1904.

    Raises:
        ValueError: openpyxl cannot read the sheet.
    """
    parser = _Parser(
        io.BytesIO(part),
        strings,
        data_only=True,
        epoch=MAC_EPOCH if is_1904 else WINDOWS_EPOCH,
        date_formats=formats.dates,
        timedelta_formats=formats.durations,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = [cell for _, cells in parser.parse() for cell in cells]
    return Structure(
        cells={(c["row"], c["column"]): _structure_cell(c, formats) for c in rows},
        hidden_rows=frozenset(_hidden_rows(parser.row_dimensions)),
        hidden_columns=tuple(_hidden_columns(parser.column_dimensions)),
    )


class _Parser(WorkSheetParser):
    """Reads cells, rows and columns only, and marks what it cannot read instead of giving up."""

    def parse(self) -> Generator[tuple[int, list[dict[str, Any]]], None, None]:
        element: Any
        for _, element in ElementTree.iterparse(self.source):  # noqa: S314
            if element.tag == COL_TAG:
                self.parse_column_dimensions(element)
            elif element.tag == ROW_TAG:
                yield self.parse_row(element)
                element.clear()

    def parse_cell(self, element: ElementTree.Element) -> dict[str, Any]:
        try:
            cell: dict[str, Any] = super().parse_cell(element)
        except (IndexError, OverflowError, ValueError):
            bare = ElementTree.Element(element.tag, r=element.get("r", ""))
            cell = {**super().parse_cell(bare), "data_type": None}
        cell["has_formula"] = element.find(FORMULA_TAG) is not None
        return cell


def _structure_cell(cell: Mapping[str, Any], formats: Formats) -> StructureCell:
    value, data_type = cell["value"], cell["data_type"]
    is_result = cell["has_formula"] and data_type != "str"
    if data_type == "e":
        read: Cell | None = Cell("error", str(value))
    elif value is None and is_result:
        read = Cell("formula", None)
    else:
        read = as_cell(value)
    return StructureCell(
        cell=read,
        has_formula=cell["has_formula"],
        is_readable=data_type in KNOWN_TYPES,
        number_format=formats.changing.get(cell["style_id"]),
    )


def _hidden_rows(rows: Mapping[str, Mapping[str, str]]) -> Iterator[int]:
    for row, attributes in rows.items():
        if attributes.get("hidden") in TRUE or _is_zero(attributes.get("ht")):
            yield int(row)


def _hidden_columns(columns: Mapping[str, Mapping[str, str]]) -> Iterator[range]:
    for attributes in columns.values():
        if attributes.get("hidden") in TRUE or _is_zero(attributes.get("width")):
            yield range(int(attributes["min"]), int(attributes["max"]) + 1)


def _is_zero(size: str | None) -> bool:
    return size is not None and float(size) == 0


def as_cell(value: object) -> Cell | None:
    """A value as either reader gives it; None when the cell is empty.

    A number beyond all numbers is the error that Excel makes of it. A time of day becomes
    ``12:00:00`` and a duration ``PT5400S``: both are dates to a reader, and neither is a day.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return Cell("text", value)
    if isinstance(value, bool):
        return Cell("boolean", value)
    if isinstance(value, int | float):
        number = _float(value)
        return Cell("number", number) if isfinite(number) else Cell("error", NO_NUMBER)
    return Cell("date", _iso(value))


def _float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _iso(value: object) -> str:
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():.0f}S"
    if isinstance(value, datetime):
        is_day = value.time() == time.min
        return value.date().isoformat() if is_day else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of a cell")
