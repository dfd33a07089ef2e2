"""The sheet *Kontrol* of an annotated workbook: every finding, with the way to its cell."""

from collections.abc import Sequence
from copy import copy
from typing import Any

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.submissions import template_style as style
from ingestion.submissions.cells import cell_place
from ingestion.submissions.findings import Finding
from ingestion.submissions.saving import cell_at, put_text

CONTROL_SHEET = "Kontrol"
SEVERITY_DA = {"error": "Fejl", "warning": "Advarsel"}
LOOKS = {
    "error": (style.ERROR, style.ERROR_INK),
    "warning": (style.WARNING, style.WARNING_INK),
}
COLUMNS = {
    "Alvor": 12,
    "Ark": 20,
    "Celle": 10,
    "Felt": 26,
    "Fundet": 26,
    "Hvad er galt": 60,
    "Hvad skal gøres": 60,
}
HEADER_ROW = 4
# No table of a form is longer; a finding far below one has no header to name.
REACH = 500
CELL_COLUMN = list(COLUMNS).index("Celle") + 1


def write_control_sheet(
    sheet: Worksheet, findings: Sequence[tuple[Finding, Worksheet | None]]
) -> None:
    """List findings.

    Args:
        sheet: an empty sheet.
        findings: in the order to list them, each with the sheet of its cell, if there is one.
    """
    _put(
        cell_at(sheet, 1, 1),
        "Kontrol af indberetningen",
        Font(size=18, bold=True, color=style.DEEP),
    )
    told = [entry for entry, _ in findings]
    _put(cell_at(sheet, 2, 1), summary(told), Font(size=11, color=style.INK))
    for column, (title, width) in enumerate(COLUMNS.items(), 1):
        cell = cell_at(sheet, HEADER_ROW, column)
        _put(cell, title, Font(size=11, bold=True, color=style.WHITE), style.DEEP)
        sheet.column_dimensions[cell.column_letter].width = width
    rows = _Rows(sheet)
    for row, (entry, target) in enumerate(findings, HEADER_ROW + 1):
        rows.write(row, entry, target)
    _lay_out(sheet)


def summary(findings: Sequence[Finding]) -> str:
    """One line for the person who reported: how many faults, and what happens now."""
    errors = sum(entry.severity == "error" for entry in findings)
    count = len(findings) - errors
    warnings = "1 advarsel" if count == 1 else f"{count or 'ingen'} advarsler"
    if errors:
        return f"{errors} fejl og {warnings}. Ret fejlene, gem filen, og indsend den igen."
    if count:
        return f"Ingen fejl og {warnings}. Filen kan godkendes. Se advarslerne igennem."
    return "Ingen fejl og ingen advarsler. Filen kan godkendes."


class _Rows:
    """Writes findings row by row; each look is made once, since a file may have thousands."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._looks: dict[tuple[str, bool], Any] = {}

    def write(self, row: int, entry: Finding, target: Worksheet | None) -> None:
        words = [
            SEVERITY_DA[entry.severity],
            entry.sheet or "Hele filen",
            entry.cell or "",
            _field_words(entry, target),
            entry.found or "",
            entry.text_da,
            entry.help_da,
        ]
        for column, text in enumerate(words, 1):
            self._put(cell_at(self._sheet, row, column), text, entry.severity)
        widths = zip(words, COLUMNS.values(), strict=True)
        self._sheet.row_dimensions[row].height = style.row_height(widths)
        if entry.cell and target is not None and target.sheet_state == "visible":
            _link(cell_at(self._sheet, row, CELL_COLUMN), target.title, entry.cell)

    def _put(self, cell: Any, text: str, severity: str) -> None:
        key = severity, cell.column == 1
        if key in self._looks:
            cell._style = copy(self._looks[key])
            _put_words(cell, text)
        else:
            fill, ink = LOOKS[severity] if cell.column == 1 else (style.WHITE, style.INK)
            _put(cell, text, Font(size=11, bold=cell.column == 1, color=ink), fill)
            self._looks[key] = copy(cell._style)
            self._looks[key].quotePrefix = 0


def _field_words(entry: Finding, target: Worksheet | None) -> str:
    """The header above the cell, which is what people know a field by; else the form's name."""
    if entry.cell and target is not None:
        row, column = cell_place(entry.cell)
        above = (
            target._cells.get((number, column))
            for number in range(row - 1, max(row - REACH, 0), -1)
        )
        headers = (c for c in above if c is not None and c.style in style.HEADERS)
        header = next(headers, None)
        if header is not None and header.value:
            return str(header.value)
    return entry.field or ""


def _link(cell: Cell, title: str, name: str) -> None:
    quoted = title.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{name}", display=name)
    cell.font = Font(name=style.FONT, size=11, underline="single", color=style.DEEP)


def _put(cell: Cell, text: str, font: Font, fill: str | None = None) -> None:
    _put_words(cell, text)
    font.name = style.FONT
    cell.font = font
    if fill:
        line = Side("thin", color=style.LINE)
        cell.fill = style.solid(fill)
        cell.border = Border(left=line, right=line, top=line, bottom=line)
        cell.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)


def _put_words(cell: Cell, text: str) -> None:
    if text:
        put_text(cell, text)


def _lay_out(sheet: Worksheet) -> None:
    sheet.row_dimensions[1].height = 30
    sheet.row_dimensions[2].height = 22
    sheet.row_dimensions[HEADER_ROW].height = 24
    sheet.freeze_panes = f"A{HEADER_ROW + 1}"
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = style.ERROR_INK
    style.print_on_a4(sheet)
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
