"""Checks of the form itself: which template, for whom, whether sheets and tables are untouched."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from ingestion.submissions.cells import FileCells, Place, cell_place
from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.form import IDENTITY_SHEET, FixedRow, Form
from ingestion.submissions.identity import FIRST_REPORT_YEAR, Identity
from ingestion.submissions.layout import Grid, Layout, Table
from ingestion.submissions.values import NOT_SHOWN
from ingestion.text import one_line

MUNICIPALITY_BLOCK = "municipality"
ANSWER = "answer"
EXPECTED_SHEETS = frozenset({"Vejledning", "Kontrol"})
LOCKED = ("label", "unit")


def stated_form(file: FileCells) -> str | None:
    """The form that the hidden sheet names; None when it names none."""
    sheet = file.sheet(IDENTITY_SHEET)
    grid = Grid(sheet) if sheet else None
    rows = [row for row in grid.rows if grid.text(row, 1) == "form_id"] if grid else []
    return grid.text(rows[0], 2) if grid and rows else None


@dataclass(frozen=True)
class Template:
    """What the hidden sheet says; ``is_readable`` when cells can be read by this form."""

    identity: Identity | None
    is_readable: bool
    findings: tuple[Finding, ...]


def read_template(
    file: FileCells, form: Form, municipalities: Mapping[str, str], this_year: int
) -> Template:
    """Read and check the hidden sheet; the first thing wrong is the only one told.

    Args:
        file: the file.
        form: the form it should have been made from.
        municipalities: name by 4-digit code.
        this_year: the last year that can be reported.
    """
    sheet = file.sheet(IDENTITY_SHEET)
    if sheet is None:
        return Template(None, False, (finding("template-missing", Place()),))
    grid = Grid(sheet)
    entries = {grid.text(row, 1): (grid.text(row, 2), row) for row in sorted(grid.rows)}
    unknown = _unknown_template(grid, entries, form)
    if unknown:
        return Template(None, False, (unknown,))
    identity = _identity(entries)
    if identity is None:
        damaged = finding("template-identity-damaged", Place(sheet.name))
        return Template(None, True, (damaged,))
    faults = tuple(_identity_faults(grid, entries, identity, form, municipalities, this_year))
    return Template(identity, True, faults)


Entries = Mapping[str, tuple[str, int]]


def _unknown_template(grid: Grid, entries: Entries, form: Form) -> Finding | None:
    form_id, row = entries.get("form_id", ("", 0))
    if form_id and form_id != form.form_id:
        return finding("template-unknown", grid.place(row, 2), found=form_id)
    version, row = entries.get("form_version", ("", 0))
    if version and version != str(form.version):
        place = grid.place(row, 2)
        return finding("template-version-unknown", place, found=version, version=form.version)
    return None


def _identity(entries: Entries) -> Identity | None:
    """The identity, when its checksum fits."""
    given = {name: value for name, (value, _row) in entries.items()}
    year, version = given.get("year", ""), given.get("form_version", "")
    if not _is_count(year) or not _is_count(version):
        return None
    code = given.get("municipality_code", "")
    # A spreadsheet program that saves CSV drops the leading nought.
    code = code.zfill(4) if code.isdecimal() else code
    identity = Identity(given.get("form_id", ""), int(version), code, int(year))
    return identity if identity.checksum == given.get("checksum") else None


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 4


def _identity_faults(
    grid: Grid,
    entries: Entries,
    identity: Identity,
    form: Form,
    municipalities: Mapping[str, str],
    this_year: int,
) -> Iterator[Finding]:
    is_of_municipality = any(block.id == MUNICIPALITY_BLOCK for block in form.blocks)
    if is_of_municipality and identity.municipality_code not in municipalities:
        place = grid.place(entries["municipality_code"][1], 2)
        yield finding("municipality-unknown", place, found=identity.municipality_code)
    if not FIRST_REPORT_YEAR <= identity.year <= this_year:
        yield finding(
            "year-out-of-range",
            grid.place(entries["year"][1], 2),
            found=identity.year,
            first=FIRST_REPORT_YEAR,
            last=this_year,
        )


def sheet_findings(file: FileCells, form: Form) -> list[Finding]:
    """Sheets that are missing, there twice, foreign or hidden."""
    wanted = {sheet.name for sheet in form.sheets}
    counts = Counter(sheet.name for sheet in file.sheets)
    found = [finding("sheet-missing", Place(s.name)) for s in form.sheets if not counts[s.name]]
    ours = sorted({*wanted, *EXPECTED_SHEETS, IDENTITY_SHEET})
    found += [finding("sheet-duplicate", Place(name)) for name in ours if counts[name] > 1]
    for number, sheet in enumerate(file.sheets):
        if sheet.name in wanted:
            if sheet.is_hidden:
                found.append(finding("sheet-hidden", Place(sheet.name)))
        elif sheet.name not in EXPECTED_SHEETS and not sheet.name.startswith("_"):
            # Its name may be that of a person, so it is told by its place among those one sees.
            seen = 1 + sum(not before.is_hidden for before in file.sheets[:number])
            found.append(finding("sheet-unknown", Place(), number=seen))
    return found


def locked_findings(grid: Grid, table: Table) -> Iterator[Finding]:
    """Labels and units that were changed: they decide what a figure means."""
    for row, fixed in table.rows.items():
        for name in LOCKED:
            expected = fixed.labels.get(name) if fixed else None
            if expected is None or name not in table.columns:
                continue
            column = table.columns[name]
            found = grid.text(row, column)
            if found != one_line(expected):
                place = grid.place(row, column)
                yield finding(
                    "locked-cell-changed", place, field=name, found=found, expected=expected
                )


def identity_findings(
    grid: Grid, table: Table, identity: Identity, municipalities: Mapping[str, str]
) -> list[Finding]:
    """What the sheet Kommune says of municipality and year, against the hidden sheet."""
    if ANSWER not in table.columns:
        return []
    code = identity.municipality_code
    # A name that only repeats the code is of no other municipality.
    expected = {
        "municipality_code": ("municipality-mismatch", {code, code.lstrip("0")}),
        "municipality_name": ("municipality-mismatch", {municipalities.get(code, code), code}),
        "report_year": ("year-mismatch", {str(identity.year)}),
    }
    rows = [(row, fixed) for row, fixed in table.rows.items() if fixed and fixed.key in expected]
    told: dict[str, Finding] = {}
    for row, fixed in rows:
        found = _mismatch(grid, table, row, *expected[fixed.key])
        if found:
            # Code and name of another municipality are one fault, told where the code stands.
            told.setdefault(found.code, found)
    return list(told.values())


def _mismatch(grid: Grid, table: Table, row: int, code: str, expected: set[str]) -> Finding | None:
    column = table.columns[ANSWER]
    found = grid.text(row, column)
    if found in {one_line(text) for text in expected}:
        return None
    longest = max(expected, key=len)
    return finding(code, grid.place(row, column), field=ANSWER, found=found, expected=longest)


def merged_answers(grid: Grid, tables: tuple[Table, ...]) -> dict[str, set[tuple[int, int]]]:
    """The cells taken in that each merged range holds, by the range; one with none is left out."""
    inputs = [(table.rows, set(table.inputs.values())) for table in tables]
    held = {name: set(_held(name, inputs)) for name in grid.sheet.merged}
    return {name: cells for name, cells in held.items() if cells}


def _held(
    name: str, inputs: list[tuple[Mapping[int, FixedRow | None], set[int]]]
) -> Iterator[tuple[int, int]]:
    first, _, last = name.replace("$", "").partition(":")
    (top, left), (bottom, right) = cell_place(first), cell_place(last or first)
    for rows, columns in inputs:
        within = [column for column in columns if left <= column <= right]
        if within:
            yield from product((row for row in rows if top <= row <= bottom), within)


def merged_findings(grid: Grid, merged: Iterable[str]) -> Iterator[Finding]:
    """Merged cells that hold, or hide, an answer."""
    for name in merged:
        row, column = cell_place(name.replace("$", "").partition(":")[0])
        yield finding("cells-merged", grid.place(row, column), found=name)


def disputed_cells(grid: Grid, tables: tuple[Table, ...]) -> set[tuple[int, int]]:
    """Cells of tables that two readers read differently."""
    cells = {cell_place(name) for name in grid.sheet.disagreements}
    return {
        (row, column)
        for row, column in cells
        for table in tables
        if column in table.claimed and (row in table.rows or row == table.header_row)
    }


def disputed_findings(grid: Grid, cells: set[tuple[int, int]]) -> Iterator[Finding]:
    """Disagreements of the readers."""
    for row, column in sorted(cells):
        yield finding("readers-disagree", grid.place(row, column))


def hidden_findings(grid: Grid, tables: tuple[Table, ...]) -> Iterator[Finding]:
    """Hidden rows and columns that hold answers, each told once, at its first answer."""
    rows, columns = grid.sheet.hidden_rows, grid.sheet.hidden_columns
    if not rows and not columns:
        return
    told: set[tuple[str, int]] = set()
    for row, column in _answers(grid, tables):
        for code, number, hidden in (("row-hidden", row, rows), ("column-hidden", column, columns)):
            if number in hidden and (code, number) not in told:
                told.add((code, number))
                yield finding(code, grid.place(row, column))


def _answers(grid: Grid, tables: tuple[Table, ...]) -> Iterator[tuple[int, int]]:
    for table in tables:
        inputs = set(table.inputs.values())
        for row in table.rows:
            for column in sorted(inputs & grid.rows.get(row, {}).keys()):
                yield row, column


def outside_findings(grid: Grid, layout: Layout) -> list[Finding]:
    """What was typed beside and below the tables, and would be lost unseen."""
    if not layout.is_whole:
        return []
    lost: list[Finding] = []
    notes: list[Place] = []
    for row in sorted(grid.rows):
        table = _table_above(layout, row)
        columns = sorted(grid.rows[row]) if table else []
        if table is None or row in table.refused_rows:
            continue
        is_own = row in table.rows or row - table.header_row in (-1, 0)
        own = table.claimed if is_own or not table.block.fixed_rows else set(table.inputs.values())
        strays = [column for column in columns if (column in own) != is_own]
        if strays and not is_own:
            found = NOT_SHOWN if _is_private(table) else grid.text(row, strays[0])
            lost.append(finding("value-outside-table", grid.place(row, strays[0]), found=found))
        else:
            notes += [grid.place(row, column) for column in columns if column not in own]
    return lost + [finding("note-outside-table", place, count=len(notes)) for place in notes[:1]]


def _is_private(table: Table) -> bool:
    block = table.block
    asked = (*block.fields, *(fixed.answer for fixed in block.fixed_rows))
    return any(field.is_private for field in asked)


def _table_above(layout: Layout, row: int) -> Table | None:
    """The table whose title stands in or above a row."""
    above = [table for table in layout.tables if table.header_row - 1 <= row]
    return above[-1] if above else None
