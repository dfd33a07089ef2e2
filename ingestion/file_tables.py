"""A CSV or XLSX file's table as text: found by its header, ended by a blank row, nothing guessed.

Belongs here: from a file's bytes to rows of text under the file's own column names. Does not belong
here: where the file came from (``ingestion/protocols/file_drop.py``) or what its text means
(``ingestion/casting.py``). Workbooks are opened in the limited process that opens submissions.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ingestion.drift import Shape
from ingestion.errors import AnswerError
from ingestion.request import FileDropRequest, Turned
from ingestion.submissions.cells import cell_name, cell_place
from ingestion.submissions.values import QUOTED, SCALED
from ingestion.text import one_line

if TYPE_CHECKING:
    from ingestion.submissions.cells import Cell, FileCells, SheetCells

WORKBOOK = "workbook.xlsx"
ENCODINGS, DELIMITERS, MOST_ROWS_ABOVE = ("utf-8", "cp1252", "utf-16"), ";,\t|", 200
Rows = list[list[str]]


@dataclass(frozen=True)
class Doubt:
    """A cell, or a merged range, that nobody can be sure of; it matters only inside the table."""

    code: str
    message: str
    rows: range
    columns: range


@dataclass(frozen=True)
class Grid:
    """All rows of a sheet as text, and what is doubtful in them; rows and columns from 0."""

    rows: Rows
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class TextTable:
    """The columns of a table by the file's own names, its rows of text, and the file's numbers of
    those rows.
    """

    header: list[str]
    rows: Rows
    numbers: tuple[int, ...] = ()


def read_grid(name: str, content: bytes, request: FileDropRequest) -> Grid:
    """All rows of the file or of its declared sheet, each cell as text.

    Args:
        name: the file as it was called, for messages.
        content: its bytes.
        request: format and dialect.

    Raises:
        AnswerError: wrong encoding or format, or no such sheet.
    """
    if request.format == "xlsx":
        return _workbook_grid(name, content, request)
    return Grid(_csv_rows(name, content, request))


def find_table(name: str, grid: Grid, request: FileDropRequest, wanted: Sequence[str]) -> TextTable:
    """The table below the first row that holds most of the wanted columns.

    It ends at the first blank row; what follows may be notes, but no more rows of the table.

    Args:
        name: the file as it was called, for messages.
        grid: rows of text.
        request: how far down the header may stand, and which columns are left out.
        wanted: the declared columns as the file calls them.

    Raises:
        AnswerError: no header, a header twice, uneven rows, or rows after the blank one. That a
            column is missing or unknown is told by ``ingestion/casting.py``.
    """
    at, header = _header(name, grid.rows, request, [one_line(title) for title in wanted])
    below = grid.rows[at + 1 :]
    blank = next((i for i, row in enumerate(below) if _is_blank(row)), len(below))
    rows = [_as_wide(name, row, header, at + 2 + i) for i, row in enumerate(below[:blank])]
    if not rows:
        raise AnswerError("answer-no-rows", f"{name}: there are no rows below its header.")
    if request.format == "csv":
        _require_single_lines(name, rows, at + 2)
    _require_no_more(name, below[blank:], at + 2 + blank, _filled(rows))
    _require_named(name, header, rows)
    kept = [i for i, title in enumerate(header) if title and not request.leaves_out(title)]
    _require_no_doubt(name, grid.doubts, range(at + 1, at + 1 + blank), kept)
    numbers = tuple(range(at + 2, at + 2 + len(rows)))
    table = TextTable([header[i] for i in kept], [[row[i] for i in kept] for row in rows], numbers)
    return turned_table(table, request.turned)


def turned_table(table: TextTable, turned: Turned | None) -> TextTable:
    """One row for every figure where figures of one period each stand side by side."""
    if turned is None:
        return table
    side_by_side = [i for i, title in enumerate(table.header) if turned.fits(title)]
    others = [i for i in range(len(table.header)) if i not in side_by_side]
    rows = [
        [*(row[i] for i in others), table.header[at], row[at]]
        for row in table.rows
        for at in side_by_side
    ]
    numbers = tuple(number for number in table.numbers for _ in side_by_side)
    return TextTable(_as_declared(table.header, turned), rows, numbers)


def _as_declared(titles: Sequence[str], turned: Turned | None) -> list[str]:
    """The titles as the declared columns know them: those of periods are one column of periods."""
    if turned is None or not any(map(turned.fits, titles)):
        return list(titles)
    return [*(t for t in titles if not turned.fits(t)), turned.period, turned.value]


def _csv_rows(name: str, content: bytes, request: FileDropRequest) -> Rows:
    try:
        text = content.decode(request.encoding or "")
    except UnicodeDecodeError as error:
        raise AnswerError(
            "encoding", f"{name}: the file is not {request.encoding}: {error}."
        ) from error
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=request.delimiter or "")
    try:
        return list(lines)
    except csv.Error as error:
        raise AnswerError("answer-csv", f"{name}: {error}.") from error


def _workbook_grid(name: str, content: bytes, request: FileDropRequest) -> Grid:
    sheet = _sheet(name, content, request.sheet)
    last_row = max((row for row, _ in sheet.cells), default=0)
    width = max((column for _, column in sheet.cells), default=0)
    rows = [[""] * width for _ in range(last_row)]
    for (row, column), cell in sheet.cells.items():
        rows[row - 1][column - 1] = _cell_text(cell, request.decimal_mark)
    return Grid(rows, tuple(_doubts(sheet)))


def _doubts(sheet: "SheetCells") -> Iterator[Doubt]:
    for (row, column), cell in sheet.cells.items():
        if told := _doubtful(cell):
            code, message = told
            yield Doubt(code, message, range(row - 1, row), range(column - 1, column))
    for merged in sheet.merged:
        first, last = (cell_place(corner) for corner in merged.split(":"))
        rows, columns = range(first[0] - 1, last[0]), range(first[1] - 1, last[1])
        yield Doubt("cell-merged", f"belongs to the merged cells {merged}", rows, columns)


def _doubtful(cell: "Cell") -> tuple[str, str] | None:
    """Why nobody can be sure of a cell, with a code."""
    if cell.kind == "formula":
        return "cell-formula", "is a formula without a stored value"
    if cell.kind == "error":
        return "cell-error", f"is the error {cell.value}"
    if SCALED.search(QUOTED.sub("", cell.number_format or "")):
        return "cell-scaled", f"is shown as {cell.number_format!r}, so scaled"
    return None


def _sheet(name: str, content: bytes, wanted: str | None) -> "SheetCells":
    """The declared sheet, opened in the limited process.

    Raises:
        AnswerError: the file is refused, has no such sheet, or cells that two readers differ about.
    """
    file = open_workbook(name, content)
    sheet = file.sheet(wanted or "")
    if sheet is None:
        there = ", ".join(repr(one.name) for one in file.sheets)
        hint = "If it was renamed, edit request.sheet in its declaration."
        raise AnswerError(
            "sheet-missing", f"{name}: there is no sheet {wanted!r}; there are {there}.", hint
        )
    if sheet.disagreements:
        cells = ", ".join(sheet.disagreements[:5])
        raise AnswerError("cell-disputed", f"{name}: two readers differ about {cells}.")
    return sheet


def open_workbook(name: str, content: bytes) -> "FileCells":
    """All sheets of a workbook, read in the limited process.

    Raises:
        AnswerError: the file is refused, with the reader's words.
    """
    from ingestion.submissions.cells import FileCells
    from ingestion.submissions.sandbox import Sandbox

    with Sandbox(workers=1) as sandbox:
        read = sandbox.read_all([(WORKBOOK, content)])[0]
    if not isinstance(read, FileCells):
        told = "; ".join(finding.text_en for finding in read)
        raise AnswerError(read[0].code, f"{name}: {told}")
    return read


def _cell_text(cell: "Cell", decimal_mark: str) -> str:
    """What a person sees in the cell, numbers with the declared decimal mark and ungrouped."""
    if cell.kind != "number":
        return str(cell.value)
    is_share = "%" in QUOTED.sub("", cell.number_format or "")
    number = Decimal(repr(cell.value)).scaleb(2 if is_share else 0)
    return f"{number:f}".removesuffix(".0").replace(".", decimal_mark)


def _header(
    name: str, rows: Rows, request: FileDropRequest, wanted: list[str]
) -> tuple[int, list[str]]:
    """The nearest of the rows that are looked through; what it lacks is told by casting."""
    looked_through = [[one_line(cell) for cell in row] for row in rows[: request.header_within]]
    met = [len(set(wanted) & set(_as_declared(t, request.turned))) for t in looked_through]
    if not any(met):
        where = f"the first {request.header_within} rows" if request.header_within > 1 else "row 1"
        raise AnswerError(
            "header-missing",
            f"{name}: there is no header in {where}, none of the columns {', '.join(wanted)}.",
            "If the table begins further down, edit request.header_within in its declaration.",
        )
    at = met.index(max(met))
    return at, _only_once(name, looked_through[at], request)


def _only_once(name: str, titles: list[str], request: FileDropRequest) -> list[str]:
    twice = sorted({t for t in titles if titles.count(t) > 1 and t and not request.leaves_out(t)})
    if twice:
        raise AnswerError("header-twice", f"{name}: the header has {', '.join(twice)} twice.")
    return titles[: max(i for i, title in enumerate(titles) if title) + 1]


def _is_blank(row: list[str]) -> bool:
    return not any(cell.strip() for cell in row)


def _as_wide(name: str, row: list[str], header: list[str], number: int) -> list[str]:
    """The row as wide as the header; cells beyond it must be empty.

    A CSV file whose rows have another number of cells than its header is broken.
    """
    beyond = row[len(header) :]
    if len(row) < len(header) or any(cell.strip() for cell in beyond):
        raise AnswerError(
            "answer-csv",
            f"{name}: row {number} has another number of cells than the header of {len(header)}.",
        )
    return row[: len(header)]


def _require_single_lines(name: str, rows: Rows, first: int) -> None:
    """Refuse a cell with a line break: a lone quotation mark has swallowed what follows it.

    Raises:
        AnswerError: with the first such row.
    """
    for number, row in enumerate(rows, start=first):
        if any("\n" in cell for cell in row):
            raise AnswerError(
                "answer-csv",
                f"{name}: a cell of row {number} holds a line break; is a quotation mark alone?",
                "A cell that begins with a quotation mark must end with one.",
            )


def _filled(rows: Rows) -> int:
    """The fewest cells that a row of the table fills."""
    return min(sum(bool(cell.strip()) for cell in row) for row in rows)


def _require_no_more(name: str, after: Rows, first: int, filled: int) -> None:
    """Refuse a blank row in the middle of a table: what follows it would be lost unseen.

    Raises:
        AnswerError: a row after the blank one fills half as many cells as a row of the table.
    """
    for number, row in enumerate(after, start=first):
        if sum(bool(cell.strip()) for cell in row) >= max((filled + 1) // 2, 2):
            raise AnswerError(
                "table-broken",
                f"{name}: the table ends at the blank row {first}, but row {number} looks like "
                "one of its rows.",
                "If what follows is no part of it, it must be taken out of the file.",
            )


def _require_named(name: str, header: list[str], rows: Rows) -> None:
    for i, title in enumerate(header):
        if not title and any(row[i].strip() for row in rows):
            raise AnswerError("header-empty", f"{name}: column {i + 1} has cells but no name.")


def _require_no_doubt(name: str, doubts: Sequence[Doubt], rows: range, columns: list[int]) -> None:
    """Refuse a table with a cell that nobody can be sure of, in a column that is read.

    Raises:
        AnswerError: with the first such cell.
    """
    for doubt in doubts:
        row = next((row for row in doubt.rows if row in rows), None)
        column = next((column for column in doubt.columns if column in columns), None)
        if row is not None and column is not None:
            place = cell_name(row + 1, column + 1)
            raise AnswerError(doubt.code, f"{name}: {place} {doubt.message}.")


def table_shape(content: bytes, request: FileDropRequest, wanted: Sequence[str]) -> Shape:
    """Columns and place of a file's table; where it seems to be, when it is not where it should.

    ``place`` holds ``header_row`` and, of a table that is not found, ``…_seems``: another sheet,
    delimiter, encoding, or row under which its columns are.
    """
    found = _header_in(content, request, wanted)
    if found:
        row, header = found
        titles = _as_declared([title for title in header if title], request.turned)
        return Shape(columns=tuple(titles), place={"header_row": str(row + 1)})
    for name, value in _other_ways(content, request):
        if found := _header_in(content, request.model_copy(update={name: value}), wanted):
            told = str(found[0] + 1) if name == "header_within" else value
            return Shape(place={"sheet_like" if name == "sheet" else f"{name}_seems": str(told)})
    return Shape()


def _header_in(
    content: bytes, request: FileDropRequest, wanted: Sequence[str]
) -> tuple[int, list[str]] | None:
    try:
        rows = read_grid("", content, request).rows
        at, header = _header("", rows, request, [one_line(title) for title in wanted])
    except (AnswerError, csv.Error):
        return None
    known = set(_as_declared(header, request.turned))
    met = len(known & {one_line(title) for title in wanted})
    return (at, header) if 2 * met > len(wanted) else None


def _other_ways(content: bytes, request: FileDropRequest) -> Iterator[tuple[str, Any]]:
    """What else the declaration could say of the file."""
    yield "header_within", MOST_ROWS_ABOVE
    if request.format == "csv":
        yield from (
            ("encoding", encoding) for encoding in ENCODINGS if encoding != request.encoding
        )
        yield from (("delimiter", mark) for mark in DELIMITERS if mark != request.delimiter)
        return
    try:
        yield from (("sheet", sheet.name) for sheet in open_workbook("", content).sheets)
    except AnswerError:
        return
