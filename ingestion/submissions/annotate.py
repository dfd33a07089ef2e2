"""A copy of a handed-in workbook: faults marked where they are, and listed in a first sheet.

Runs on untrusted files in a process that cannot open any: nothing is run, fetched or written.
"""

import warnings
from collections.abc import Iterable, Sequence
from copy import copy
from io import BytesIO
from typing import Any

from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.workbook import Workbook
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.constants import ARC_STYLE, SHEET_MAIN_NS
from openpyxl.xml.functions import fromstring

from ingestion.submissions import template_style as style
from ingestion.submissions.cells import cell_place, sheet_name
from ingestion.submissions.control_sheet import CONTROL_SHEET, SEVERITY_DA, write_control_sheet
from ingestion.submissions.findings import Finding
from ingestion.submissions.saving import cell_at, printable, workbook_bytes

AUTHOR = "klimamonitor"
MARK = f"— {AUTHOR} —"
FILLS = {"error": style.ERROR, "warning": style.WARNING}
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
COMMENT_WIDTH, LINE_HEIGHT, LETTERS = 340, 17, 48


def annotate(content: bytes, findings: Sequence[Finding]) -> bytes:
    """Mark faults in a copy of a workbook; marks of an earlier copy are taken off first.

    Values, formulas and validations stay; stored results of formulas, macros and pictures do not.

    Args:
        content: the workbook as handed in (.xlsx or .xlsm).
        findings: what is wrong with it.

    Returns:
        An .xlsx file.

    Raises:
        Exception: openpyxl cannot read the file; which one depends on how it is broken.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        workbook = _read(content)
        _remove_marks(workbook)
        ordered = _in_order(workbook, findings)
        for sheet, (row, column), told in _by_cell(workbook, ordered):
            _mark(cell_at(sheet, row, column), told)
        _put_control_sheet_first(workbook, ordered)
        workbook.calculation = CalcProperties(fullCalcOnLoad=True)
        return workbook_bytes(workbook)


class _ExactReader(ExcelReader):
    """openpyxl's reader without what it changes in passing: dates, and the names of styles."""

    wb: Any

    def read_worksheets(self) -> None:
        # Dates stay the numbers they are stored as: one out of range would become an error.
        self.wb._date_formats = set()
        self.wb._timedelta_formats = set()
        if ARC_STYLE in self.valid_files:
            self._point_at_named_styles()
        super().read_worksheets()

    def _point_at_named_styles(self) -> None:
        """Where a file has formats without a name, openpyxl's cells point past the named ones."""
        root = fromstring(self.archive.read(ARC_STYLE))
        numbers = {name: number for number, name in enumerate(self.wb._named_styles.names)}
        named = {
            int(entry.get("xfId", 0)): numbers[entry.get("name")]
            for entry in root.iterfind(
                f"{{{SHEET_MAIN_NS}}}cellStyles/{{{SHEET_MAIN_NS}}}cellStyle"
            )
            if entry.get("name") in numbers
        }
        styles = [copy(entry) for entry in self.wb._cell_styles]
        for entry in styles:
            entry.xfId = named.get(entry.xfId, 0)
        self.wb._cell_styles = IndexedList(styles)


def _read(content: bytes) -> Workbook:
    reader = _ExactReader(BytesIO(content), rich_text=True)
    reader.read()
    workbook: Workbook = reader.wb
    return workbook


def _remove_marks(workbook: Any) -> None:
    for name in [n for n in workbook.sheetnames if n.casefold() == CONTROL_SHEET.casefold()]:
        workbook.remove(workbook[name])
    marked = {
        number
        for number, fill in enumerate(workbook._fills)
        if fill.fill_type == "solid" and fill.fgColor.rgb in FILLS.values()
    }
    for sheet in workbook.worksheets:
        for cell in sheet._cells.values():
            if cell._style is not None and cell._style.fillId in marked:
                cell.fill = copy(workbook._named_styles[cell.style].fill)
            if not isinstance(cell, MergedCell) and cell.comment:
                _remove_comment(cell, cell.comment)


def _remove_comment(cell: Cell, comment: Comment) -> None:
    own, mark, _ = comment.text.partition(MARK)
    if mark:
        kept = own.rstrip()
        cell.comment = Comment(kept, comment.author) if kept else None


def _in_order(workbook: Workbook, findings: Iterable[Finding]) -> list[Finding]:
    """Errors first; in each, the file as a whole, then sheet by sheet and cell by cell."""
    places = {name: number for number, name in enumerate(workbook.sheetnames, 1)}

    def order(entry: Finding) -> tuple[bool, int, tuple[int, int]]:
        sheet = _sheet(workbook, entry.sheet)
        number = places[sheet.title] if sheet else len(places) + 1 if entry.sheet else 0
        return entry.severity != "error", number, _place(entry.cell) or (0, 0)

    return sorted(findings, key=order)


def _by_cell(
    workbook: Workbook, findings: Iterable[Finding]
) -> list[tuple[Worksheet, tuple[int, int], list[Finding]]]:
    told: dict[tuple[str, tuple[int, int]], list[Finding]] = {}
    for entry in findings:
        sheet, place = _sheet(workbook, entry.sheet), _place(entry.cell)
        if sheet is not None and place:
            told.setdefault((sheet.title, _anchor(sheet, place)), []).append(entry)
    return [(workbook[title], place, entries) for (title, place), entries in told.items()]


def _sheet(workbook: Workbook, name: str | None) -> Worksheet | None:
    wanted = sheet_name(name or "").casefold()
    known = (s for s in workbook.worksheets if sheet_name(s.title).casefold() == wanted)
    return next(known, None)


def _place(name: str | None) -> tuple[int, int] | None:
    """Row and column; None for no cell, or one that no sheet can have."""
    if name is None:
        return None
    row, column = cell_place(name)
    return (row, column) if row <= LAST_ROW and column <= LAST_COLUMN else None


def _anchor(sheet: Worksheet, place: tuple[int, int]) -> tuple[int, int]:
    """The cell that holds the value: the first of a merged range."""
    row, column = place
    for area in sheet.merged_cells.ranges:
        if area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col:
            return area.min_row, area.min_col
    return place


def _mark(cell: Cell, told: Sequence[Finding]) -> None:
    severe = any(entry.severity == "error" for entry in told)
    cell.fill = style.solid(FILLS["error" if severe else "warning"])
    own = f"{cell.comment.text.rstrip()}\n\n" if cell.comment else ""
    author = cell.comment.author if cell.comment else AUTHOR
    text = printable(own + "\n\n".join([MARK, *map(_words, told)]))
    lines = sum(1 + len(line) // LETTERS for line in text.split("\n"))
    cell.comment = Comment(text, author, height=lines * LINE_HEIGHT, width=COMMENT_WIDTH)


def _words(entry: Finding) -> str:
    return f"{SEVERITY_DA[entry.severity]}: {entry.text_da}\n{entry.help_da}"


def _put_control_sheet_first(workbook: Workbook, findings: Sequence[Finding]) -> None:
    sheet: Worksheet = workbook.create_sheet(CONTROL_SHEET, 0)
    shown = [
        (entry, _sheet(workbook, entry.sheet) if _place(entry.cell) else None) for entry in findings
    ]
    write_control_sheet(sheet, shown)
    for other in workbook.worksheets[1:]:
        # Sheets that are selected together are written in together.
        other.sheet_view.tabSelected = False
    workbook.active = 0
