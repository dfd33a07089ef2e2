"""A workbook's cells, as a person who opens it in Excel would see them.

python-calamine reads the values. Where it cannot tell what a cell is (formulas, errors, hidden rows
and columns, formats that change what is seen), openpyxl's sheet parser reads the sheet as well,
and cells that the two read differently are named. See decision 8.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from xml.etree import ElementTree
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from ingestion.submissions.archive import (
    WORKBOOK_PART,
    Archive,
    RefusedError,
    sheet_refusal,
)
from ingestion.submissions.cells import (
    CELLS_LIMIT,
    COLUMNS_LIMIT,
    MERGED_LIMIT,
    ROWS_LIMIT,
    Cell,
    FileCells,
    SheetCells,
    cell_name,
    cell_place,
    sheet_name,
)
from ingestion.submissions.excel_structure import (
    PREFIXED,
    Formats,
    Position,
    Structure,
    StructureCell,
    as_cell,
    cut_range,
    merged_references,
    needs_structure,
    read_formats,
    read_strings,
    read_structure,
)

# calamine lays a sheet out as a full rectangle of 32 bytes a cell, however few cells are used.
AREA_LIMIT = 4_000_000

ROOT_RELATIONS, WORKBOOK_RELATIONS = "_rels/.rels", "xl/_rels/workbook.xml.rels"
STRINGS_PART, STYLES_PART = "xl/sharedStrings.xml", "xl/styles.xml"

# From row 8,000 on an area may be too large, so a cell out there is worth an exact look.
FAR_CELL = re.compile(rb'<c r="(?:[A-Z]{3}|[S-Z][A-Z]|[A-Z]+(?:\d{5}|[89]\d{3}))')
ODD_CELL = re.compile(rb'<c(?:>|/>|\s(?!r="[A-Z]+[0-9]+"))')
DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\s[^>]*?ref\s*=\s*["']([^"']+)["']""")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class _Entry:
    written: str
    position: int
    is_hidden: bool
    part: str | None
    """None for a chart or another sheet without cells."""

    @cached_property
    def name(self) -> str:
        return sheet_name(self.written)


@dataclass(frozen=True)
class _Book:
    """The workbook's own account of its parts, which is the one that Excel follows."""

    parts: Mapping[str, bytes]
    entries: tuple[_Entry, ...]
    is_1904: bool
    strings_part: str | None
    styles_part: str | None

    @cached_property
    def formats(self) -> Formats:
        return read_formats(self._optional(self.styles_part))

    @cached_property
    def used_formats(self) -> re.Pattern[bytes] | None:
        return self.formats.used_pattern()

    @cached_property
    def strings(self) -> Sequence[str]:
        return read_strings(self._optional(self.strings_part))

    @cached_property
    def has_markup_in_strings(self) -> bool:
        return b"<!" in (self._optional(self.strings_part) or b"")

    def package(self) -> bytes:
        """Only what calamine needs, under the names where it looks."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for name in (ROOT_RELATIONS, WORKBOOK_PART, WORKBOOK_RELATIONS):
                archive.writestr(name, self.parts[name])
            for name in {entry.part for entry in self.entries if entry.part}:
                archive.writestr(name, self.parts[name])
            named = {STRINGS_PART: self.strings_part, STYLES_PART: self.styles_part}
            for name, part in named.items():
                if part and part in self.parts:
                    archive.writestr(name, self.parts[part])
        return packed.getvalue()

    def _optional(self, part: str | None) -> bytes | None:
        return self.parts.get(part) if part else None


def read_workbook(archive: Archive) -> FileCells:
    """Read every sheet.

    Args:
        archive: an unpacked workbook.

    Returns:
        All cells that are not empty, at their true rows and columns.

    Raises:
        RefusedError: a sheet reaches too far or holds too much, or the parts make no workbook.
    """
    book = _book(archive.parts)
    for entry in book.entries:
        if entry.part:
            _check_range(entry, book.parts[entry.part])
    try:
        sheets = tuple(_read_sheets(book))
    except CalamineError as error:
        raise RefusedError("archive-broken") from error
    return FileCells(
        sheets=sheets,
        has_macros=archive.has_macros,
        has_external_links=archive.has_external_links,
    )


def _book(parts: Mapping[str, bytes]) -> _Book:
    starts = set(_relations(parts, ROOT_RELATIONS, "").values())
    if ("officeDocument", WORKBOOK_PART) not in starts:
        raise RefusedError("archive-broken")
    relations = _relations(parts, WORKBOOK_RELATIONS, "xl")
    root = ElementTree.fromstring(parts[WORKBOOK_PART])  # noqa: S314
    listed = enumerate(root.findall("{*}sheets/{*}sheet"), 1)
    entries = tuple(_entry(position, sheet, relations) for position, sheet in listed)
    names = [entry.written.casefold() for entry in entries]
    needed = {entry.part for entry in entries if entry.part}
    if not needed or not needed <= set(parts) or len(set(names)) < len(names):
        raise RefusedError("archive-broken")
    properties = root.find("{*}workbookPr")
    by_kind = dict(relations.values())
    return _Book(
        parts=parts,
        entries=entries,
        is_1904=properties is not None and properties.get("date1904") in ("1", "true"),
        strings_part=by_kind.get("sharedStrings"),
        styles_part=by_kind.get("styles"),
    )


def _relations(parts: Mapping[str, bytes], name: str, folder: str) -> dict[str, tuple[str, str]]:
    """Relation id → last word of its type, and the part it names."""
    if name not in parts:
        raise RefusedError("archive-broken")
    root = ElementTree.fromstring(parts[name])  # noqa: S314
    return {
        entry.get("Id", ""): (
            entry.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, entry.get("Target", ""))).lstrip("/"),
        )
        for entry in root
        if entry.get("TargetMode") != "External"
    }


def _entry(
    position: int, sheet: ElementTree.Element, relations: Mapping[str, tuple[str, str]]
) -> _Entry:
    id_ = next((value for key, value in sheet.items() if key.endswith("}id")), "")
    kind, part = relations.get(id_, ("", ""))
    return _Entry(
        written=sheet.get("name", ""),
        position=position,
        is_hidden=sheet.get("state", "visible") != "visible",
        part=part if kind == "worksheet" else None,
    )


def _check_range(sheet: _Entry, part: bytes) -> None:
    """Refuse a sheet that claims or uses cells too far out, before calamine makes room for them."""
    if declared := DIMENSION.search(part):
        _check_corner(sheet, *_declared_corner(declared[1].decode()))
    if PREFIXED in part or FAR_CELL.search(part) or ODD_CELL.search(part):
        row, column = _furthest_corner(part)
        _check_corner(sheet, row, column)
        if row * column > AREA_LIMIT:
            _refuse_range(sheet, row, column, AREA_LIMIT // column)


def _declared_corner(reference: str) -> Position:
    try:
        return cell_place(reference.rpartition(":")[2].replace("$", "").upper())
    except ValueError:
        raise RefusedError("archive-broken") from None


def _check_corner(sheet: _Entry, row: int, column: int) -> None:
    if row > ROWS_LIMIT or column > COLUMNS_LIMIT:
        _refuse_range(sheet, row, column, ROWS_LIMIT)


def _refuse_range(sheet: _Entry, row: int, column: int, rows: int) -> None:
    raise sheet_refusal(
        "sheet-range-too-large",
        sheet.name,
        sheet.position,
        found=cell_name(row, column),
        rows=rows,
        columns=COLUMNS_LIMIT,
    )


def _furthest_corner(part: bytes) -> Position:
    """The last row and the last column that hold a cell, counted as calamine counts them."""
    row = column = last_row = last_column = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, last_row, last_column
        name = tag.rpartition(":")[2]
        if name == "row":
            row, column = int(attributes.get("r", row + 1)), 0
        elif name == "c":
            column += 1
            if "r" in attributes:
                row, column = cell_place(attributes["r"].replace("$", "").upper())
            last_row, last_column = max(row, last_row), max(column, last_column)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.Parse(part, True)
    except ValueError:
        raise RefusedError("archive-broken") from None
    return last_row, last_column


def _read_sheets(book: _Book) -> Iterator[SheetCells]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(book.package()))
    if workbook.sheet_names != [entry.written for entry in book.entries]:
        raise RefusedError("archive-broken")
    left = CELLS_LIMIT
    for index, entry in enumerate(book.entries):
        if entry.part is None or workbook.sheets_metadata[index].typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = _read_sheet(book, entry, book.parts[entry.part], workbook, index)
        left -= len(sheet.cells)
        if left < 0:
            raise RefusedError("file-too-much-content")
        yield sheet


def _read_sheet(
    book: _Book, entry: _Entry, part: bytes, workbook: CalamineWorkbook, index: int
) -> SheetCells:
    plain = SheetCells(entry.name, {}, is_hidden=entry.is_hidden, merged=_merged(entry, part))
    is_simple = not needs_structure(part, book.formats, book.used_formats)
    if is_simple and not book.has_markup_in_strings:
        return replace(plain, cells=_values(workbook.get_sheet_by_index(index)))
    try:
        structure = read_structure(part, book.strings, book.formats, is_1904=book.is_1904)
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise RefusedError("archive-broken") from error
    return _merge(plain, _values_if_readable(workbook, index), structure)


def _merged(entry: _Entry, part: bytes) -> tuple[str, ...]:
    """Merged ranges within the limits of a sheet; one that Excel could not read is damage."""
    references = merged_references(part)
    if len(references) > MERGED_LIMIT:
        raise sheet_refusal(
            "sheet-too-many-merged",
            entry.name,
            entry.position,
            count=len(references),
            limit=MERGED_LIMIT,
        )
    try:
        return tuple(filter(None, map(cut_range, references)))
    except ValueError:
        raise RefusedError("archive-broken") from None


def _values(sheet: CalamineSheet) -> dict[Position, Cell]:
    """Every cell that is not empty; calamine's rows begin at the first used cell."""
    if sheet.start is None:
        return {}
    first_row, first_column = sheet.start[0] + 1, sheet.start[1] + 1
    cells: dict[Position, Cell] = {}
    texts: dict[str, Cell] = {}
    for row, values in enumerate(sheet.to_python(), first_row):
        for column, value in enumerate(values, first_column):
            if value == "":
                continue
            if type(value) is str:
                cells[row, column] = texts.get(value) or texts.setdefault(
                    value, Cell("text", value)
                )
            elif cell := as_cell(value):
                cells[row, column] = cell
    return cells


def _values_if_readable(workbook: CalamineWorkbook, index: int) -> dict[Position, Cell] | None:
    """calamine gives up on a whole sheet for one error word it does not know, such as #SPILL!."""
    try:
        return _values(workbook.get_sheet_by_index(index))
    except CalamineError:
        return None


def _merge(
    plain: SheetCells, values: Mapping[Position, Cell] | None, structure: Structure
) -> SheetCells:
    cells: dict[Position, Cell] = {}
    differing: list[str] = []
    for place in sorted({*(values or {}), *structure.cells}):
        theirs, ours = (values or {}).get(place), structure.cells.get(place)
        cell = _chosen(theirs, ours)
        if cell:
            cells[place] = cell
        if _differ(theirs, ours, is_only_reader=values is None):
            differing.append(cell_name(*place))
    rows, columns = {row for row, _ in cells}, {column for _, column in cells}
    hidden = {column for span in structure.hidden_columns for column in columns if column in span}
    return replace(
        plain,
        cells=cells,
        hidden_rows=frozenset(structure.hidden_rows & rows),
        hidden_columns=frozenset(hidden),
        disagreements=tuple(differing),
    )


def _chosen(value: Cell | None, structure: StructureCell | None) -> Cell | None:
    """Values as calamine reads them; errors and formulas without a value only openpyxl sees."""
    read = structure.cell if structure else None
    cell = read if value is None or (read and read.kind == "error") else value
    shown_as = structure.number_format if structure else None
    if cell and shown_as and cell.kind == "number":
        return replace(cell, number_format=shown_as)
    return cell


def _differ(value: Cell | None, structure: StructureCell | None, *, is_only_reader: bool) -> bool:
    if structure is None:
        return value is not None
    if not structure.is_readable:
        return True
    read = structure.cell
    if is_only_reader or (value is None and (read is None or read.kind in ("error", "formula"))):
        return False
    return value is None or read is None or not _is_same(value, read)


def _is_same(value: Cell, read: Cell) -> bool:
    """Equal, or unequal in ways that are known: openpyxl leaves ``_x000D_`` and outer spaces."""
    if value.kind == read.kind == "text":
        return _plain(str(value.value)) == _plain(str(read.value))
    return value == read


def _plain(text: str) -> str:
    decoded = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return decoded.replace("\r\n", "\n").replace("\r", "\n").strip()
