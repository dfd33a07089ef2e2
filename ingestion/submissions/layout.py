"""Where the form's tables really stand in a sheet: header rows, columns and rows, found by text.

People insert rows and drag columns. What can be found again by its exact text is read where it
stands, with a warning; what cannot is an error, and nothing is read in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingestion.submissions.cells import Cell, Place, SheetCells
from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.form import Block, Field, FixedRow, Sheet
from ingestion.submissions.values import shown
from ingestion.text import clean, one_line

HEADER_SEARCH = 20
# Two headers in one row are no accident: headers differ within a sheet.
FEWEST_HEADERS = 2
KEY = "key"
MEANING = frozenset({KEY, "label", "unit"})


class Grid:
    """A sheet by rows, without cells that hold nothing visible."""

    def __init__(self, sheet: SheetCells) -> None:
        self.sheet = sheet
        self.rows: dict[int, dict[int, Cell]] = {}
        for (row, column), cell in sheet.cells.items():
            if cell.kind != "text" or clean(str(cell.value)):
                self.rows.setdefault(row, {})[column] = cell

    @cached_property
    def last_row(self) -> int:
        """The last row that holds anything."""
        return max(self.rows, default=0)

    def at(self, row: int, column: int) -> Cell | None:
        """The cell at a place; None when it holds nothing visible."""
        return self.rows.get(row, {}).get(column)

    def text(self, row: int, column: int) -> str:
        """A cell as one line of text; empty when it holds nothing."""
        return one_line(shown(self.at(row, column)))

    def place(self, row: int, column: int) -> Place:
        """A place in this sheet."""
        return Place(self.sheet.name, row, column)

    def texts(self, row: int) -> dict[str, list[int]]:
        """The columns of each text in a row."""
        found: dict[str, list[int]] = {}
        for column in sorted(self.rows.get(row, ())):
            found.setdefault(self.text(row, column), []).append(column)
        return found


@dataclass(frozen=True)
class Table:
    """A block as it stands in a sheet.

    ``columns`` gives the column of each field that was found, ``claimed`` every column that is the
    table's own, ``rows`` each row that is read (a fixed row, or None for a free one), and
    ``refused_rows`` those which a finding already names.
    """

    block: Block
    header_row: int
    columns: Mapping[str, int]
    claimed: frozenset[int]
    rows: Mapping[int, FixedRow | None]
    refused_rows: frozenset[int]

    @property
    def inputs(self) -> dict[str, int]:
        """The column of each field that is taken in."""
        return {f.id: self.columns[f.id] for f in self.block.inputs if f.id in self.columns}


@dataclass(frozen=True)
class Layout:
    """The tables of a sheet; ``is_whole`` when none is missing."""

    tables: tuple[Table, ...]
    is_whole: bool
    findings: tuple[Finding, ...]


def find_tables(grid: Grid, declared: Sheet) -> Layout:
    """Find a sheet's tables.

    Args:
        grid: the sheet.
        declared: what the form says of it.
    """
    findings: list[Finding] = []
    header_rows = [_header_row(grid, block, findings) for block in declared.blocks]
    tables = [
        _table(grid, block, row, _end(grid, header_rows[number + 1 :]), findings)
        for number, (block, row) in enumerate(zip(declared.blocks, header_rows, strict=True))
        if row is not None
    ]
    return Layout(tuple(tables), None not in header_rows, tuple(findings))


def _end(grid: Grid, later: Sequence[int | None]) -> int:
    """The last row before the title of the next table."""
    following = next((row for row in later if row is not None), None)
    return grid.last_row if following is None else following - 2


def _header_row(grid: Grid, block: Block, findings: list[Finding]) -> int | None:
    """The row of the headers; the expected one when it has any claim to be it."""
    wanted = {one_line(field.header_da) for field in block.fields}
    expected = block.header_row
    near = sorted(
        (row for row in grid.rows if abs(row - expected) <= HEADER_SEARCH),
        key=lambda row: (row != expected, abs(row - expected)),
    )
    scores = {row: len(wanted & grid.texts(row).keys()) for row in near[:1]}
    if scores.get(expected, 0) < FEWEST_HEADERS:
        scores = {row: len(wanted & grid.texts(row).keys()) for row in near}
    best = max(scores, key=lambda row: scores[row], default=expected)
    if scores.get(best, 0) < FEWEST_HEADERS:
        place = grid.place(expected, 1)
        findings.append(finding("header-missing", place, expected=block.fields[0].header_da))
        return None
    if best != expected:
        findings.append(finding("header-row-moved", grid.place(best, 1)))
    return best


def _table(grid: Grid, block: Block, header_row: int, end: int, findings: list[Finding]) -> Table:
    columns, claimed = _columns(grid, block, header_row, findings)
    rows: dict[int, FixedRow | None]
    if block.fixed_rows:
        rows, refused = _fixed_rows(grid, block, header_row, columns[KEY], end, findings)
    else:
        free = range(header_row + 1, header_row + block.free_rows + 1)
        rows, refused = {row: None for row in free if row <= end}, set()
    return Table(block, header_row, columns, claimed, rows, frozenset(refused))


def _columns(
    grid: Grid, block: Block, header_row: int, findings: list[Finding]
) -> tuple[dict[str, int], frozenset[int]]:
    """The column of each field; a run of columns moved together is one finding."""
    stands = grid.texts(header_row)
    columns: dict[str, int] = {}
    claimed: set[int] = set()
    last_shift = 0
    for expected, field in enumerate(block.fields, start=1):
        found = stands.get(one_line(field.header_da), [])
        claimed |= {*found} or {expected}
        if not found:
            _report_missing_header(grid, field, header_row, expected, columns, findings)
            continue
        column = columns[field.id] = expected if expected in found else found[0]
        for other in found:
            if other != column:
                place = grid.place(header_row, other)
                findings.append(finding("header-duplicate", place, found=field.header_da))
        if column - expected not in (0, last_shift):
            place = grid.place(header_row, column)
            findings.append(finding("header-moved", place, found=field.header_da))
        last_shift = column - expected
    return columns, frozenset(claimed)


def _report_missing_header(
    grid: Grid,
    field: Field,
    header_row: int,
    expected: int,
    columns: dict[str, int],
    findings: list[Finding],
) -> None:
    """A column without its header is not read; keys prove themselves, so theirs is."""
    if field.is_shown_only and field.id not in MEANING:
        return
    if field.id == KEY:
        columns[KEY] = expected
    place = grid.place(header_row, expected)
    found = grid.text(header_row, expected) or None
    findings.append(
        finding("header-missing", place, field=field.id, found=found, expected=field.header_da)
    )


def _fixed_rows(
    grid: Grid, block: Block, header_row: int, column: int, end: int, findings: list[Finding]
) -> tuple[dict[int, FixedRow | None], set[int]]:
    """Rows found by key; rows with a foreign or a second key are refused."""
    by_key = {fixed.key: fixed for fixed in block.fixed_rows}
    below = sorted(row for row in grid.rows if header_row < row <= end)
    keys = {row: grid.text(row, column) for row in below}
    row_of: dict[str, int] = {}
    for row, key in keys.items():
        if key in by_key:
            row_of.setdefault(key, row)
    # What stands further below is no row of this table but a note under it.
    last = max(max(row_of.values(), default=header_row) + 1, header_row + len(by_key))
    refused: set[int] = set()
    for row, key in keys.items():
        if key and row <= last and row_of.get(key) != row:
            code = "row-duplicate" if key in by_key else "row-unknown"
            findings.append(finding(code, grid.place(row, column), found=key))
            refused.add(row)
    _report_missing_rows(grid, block, row_of, header_row, column, refused, findings)
    return {row: by_key[key] for key, row in row_of.items()}, refused


def _report_missing_rows(
    grid: Grid,
    block: Block,
    row_of: Mapping[str, int],
    header_row: int,
    column: int,
    refused: set[int],
    findings: list[Finding],
) -> None:
    """Name each row that is not there, where it should be, unless that place is refused already."""
    before = header_row
    for fixed in block.fixed_rows:
        before = row_of.get(fixed.key, before + 1)
        if fixed.key in row_of or before in refused:
            continue
        place = grid.place(before, column)
        findings.append(finding("row-missing", place, expected=fixed.key))
        if not grid.text(before, column):
            refused.add(before)
