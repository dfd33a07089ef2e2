"""The workbook that a municipality fills in, made from a form and what is known beforehand.

Everything stands where ``form`` says. Nothing in it computes, is merged, or is hidden among the
inputs: what is handed in is what was seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from math import isfinite
from typing import Any

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Side
from openpyxl.workbook import Workbook
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.submissions import template_style as style
from ingestion.submissions.cells import cell_name
from ingestion.submissions.form import (
    IDENTITY_SHEET,
    INTRO_ROW,
    TITLE_ROW,
    Block,
    Field,
    FixedRow,
    Form,
    Sheet,
)
from ingestion.submissions.identity import Identity
from ingestion.submissions.saving import cell_at, put_text, workbook_bytes
from ingestion.submissions.template_guidance import GUIDANCE_SHEET, write_guidance
from ingestion.submissions.template_rules import LISTS_SHEET, Lists, add_rules

MUNICIPALITY_BLOCK = "municipality"
STAMP = datetime(2021, 6, 4)  # noqa: DTZ001  properties of a workbook have no time zone
TITLE_HEIGHT, INTRO_HEIGHT, BLOCK_TITLE_HEIGHT = 30, 20, 26
HEADER_PADDING, HEADER_INSET = 4, 4
ANSWER = "answer"

Value = str | float | date


@dataclass(frozen=True)
class Prefill:
    """What is known beforehand, for one municipality and year.

    ``cells`` fills fixed rows by (block, row key, field): inputs, and fields that are only shown.
    ``rows`` fills free rows by block, in order, each field → value. Choices are given by code.
    """

    municipality_code: str
    municipality_name: str
    year: int
    cells: Mapping[tuple[str, str, str], Value]
    rows: Mapping[str, Sequence[Mapping[str, Value]]]

    @cached_property
    def all_cells(self) -> dict[tuple[str, str, str], Value]:
        """The cells, with what the prefill says about itself."""
        own: dict[str, Value] = {
            "municipality_code": self.municipality_code,
            "municipality_name": self.municipality_name,
            "report_year": self.year,
        }
        return {**self.cells, **{(MUNICIPALITY_BLOCK, k, ANSWER): v for k, v in own.items()}}


def write_template(form: Form, prefill: Prefill) -> bytes:
    """Write the workbook of a form; the same form and prefill give the same bytes.

    Args:
        form: the form, with the registers filled in.
        prefill: for whom and for which year, and the values that are known.

    Raises:
        ValueError: the prefill names a block, row, field or choice that the form does not have,
            more free rows than it has, or a number that is not finite.
    """
    _check_prefill(form, prefill)
    workbook = Workbook()
    for named in style.named_styles():
        workbook.add_named_style(named)
    guidance = workbook.worksheets[0]
    guidance.title = GUIDANCE_SHEET
    write_guidance(guidance, form, prefill.municipality_name, prefill.year)
    worksheets = [workbook.create_sheet(sheet.name) for sheet in form.sheets]
    lists = Lists(workbook)
    for sheet, worksheet in zip(form.sheets, worksheets, strict=True):
        _write_sheet(worksheet, sheet, prefill, lists)
    _write_identity(workbook, form, prefill)
    for worksheet in workbook.worksheets:
        _protect(worksheet)
        _lay_out_for_print(worksheet, form, prefill)
    _describe(workbook, form, prefill)
    return workbook_bytes(workbook)


def _check_prefill(form: Form, prefill: Prefill) -> None:
    known = {
        (block.id, row.key, field.id)
        for block in form.blocks
        for row in block.fixed_rows
        for field in block.fields
    }
    strange = sorted(set(prefill.cells) - known)
    if strange:
        raise ValueError(f"the form {form.form_id!r} has no place for {strange}")
    blocks = {block.id: block for block in form.blocks}
    for block_id, rows in prefill.rows.items():
        room = blocks[block_id].free_rows if block_id in blocks else 0
        if len(rows) > room:
            raise ValueError(f"{len(rows)} rows are given for {block_id!r}, which has {room}")
        fields = {field.id for field in blocks[block_id].fields} if rows else set()
        if any(set(row) - fields for row in rows):
            raise ValueError(f"the rows for {block_id!r} name fields other than {sorted(fields)}")


def _write_sheet(worksheet: Worksheet, sheet: Sheet, prefill: Prefill, lists: Lists) -> None:
    _write_line(worksheet, TITLE_ROW, sheet.title_da, style.TITLE, TITLE_HEIGHT)
    _write_line(worksheet, INTRO_ROW, sheet.intro_da, style.INTRO, INTRO_HEIGHT)
    for block in sheet.blocks:
        _write_headers(worksheet, block)
        _write_fixed_rows(worksheet, block, prefill)
        _write_free_rows(worksheet, block, prefill)
        add_rules(worksheet, block, lists)
    _set_widths(worksheet, sheet)
    _freeze(worksheet, sheet)
    worksheet.sheet_format.defaultRowHeight = style.ROW_HEIGHT
    worksheet.sheet_format.customHeight = True
    worksheet.sheet_view.showGridLines = False
    worksheet.sheet_properties.tabColor = style.DEEP


def _write_line(worksheet: Worksheet, row: int, text: str, name: str, height: float) -> None:
    cell = cell_at(worksheet, row, 1)
    cell.style = name
    put_text(cell, text)
    worksheet.row_dimensions[row].height = height


def _write_headers(worksheet: Worksheet, block: Block) -> None:
    row = block.header_row
    _write_line(worksheet, row - 1, block.title_da, style.BLOCK_TITLE, BLOCK_TITLE_HEIGHT)
    for column, field in enumerate(block.fields, 1):
        cell = cell_at(worksheet, row, column)
        cell.style = style.header_style(field)
        put_text(cell, field.header_da)
    height = style.row_height(
        (field.header_da, field.width - HEADER_INSET) for field in block.fields
    )
    worksheet.row_dimensions[row].height = height + HEADER_PADDING


def _write_fixed_rows(worksheet: Worksheet, block: Block, prefill: Prefill) -> None:
    group = None
    for number, row in enumerate(block.fixed_rows, block.first_row):
        begins_group = group is not None and row.labels.get("group") != group
        group = row.labels.get("group")
        for column, field in enumerate(block.fields, 1):
            cell = cell_at(worksheet, number, column)
            own = block.field_for(field, row)
            value = prefill.all_cells.get((block.id, row.key, field.id))
            _write_fixed_cell(cell, own, row, value)
            if begins_group:
                cell.border = _group_border()
        _grow(worksheet, number, block)


def _write_fixed_cell(cell: Cell, field: Field, row: FixedRow, value: Value | None) -> None:
    if field.id == "key":
        cell.style = style.CODE
        put_text(cell, row.key)
    else:
        cell.style = style.field_style(field)
        _put(cell, field, row.labels.get(field.id) if value is None else value)
    if field.id == ANSWER:
        # Answers of different kinds stand under each other.
        cell.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)


def _grow(worksheet: Worksheet, row: int, block: Block) -> None:
    """Give a row more height where it needs it; others grow by themselves as they are written."""
    values = ((worksheet.cell(row, i).value, f.width) for i, f in enumerate(block.fields, 1))
    height = style.row_height((text, width) for text, width in values if isinstance(text, str))
    if height > style.ROW_HEIGHT:
        worksheet.row_dimensions[row].height = height


def _group_border() -> Border:
    line = Side("thin", color=style.LINE)
    return Border(left=line, right=line, bottom=line, top=Side("medium", color=style.STRONG_LINE))


def _write_free_rows(worksheet: Worksheet, block: Block, prefill: Prefill) -> None:
    styles = [style.field_style(field) for field in block.fields]
    given = prefill.rows.get(block.id, ())
    for offset in range(block.free_rows):
        values = given[offset] if offset < len(given) else {}
        for column, field in enumerate(block.fields, 1):
            cell = cell_at(worksheet, block.first_row + offset, column)
            cell.style = styles[column - 1]
            _put(cell, field, values.get(field.id))
        if values:
            _grow(worksheet, block.first_row + offset, block)


def _put(cell: Cell, field: Field, value: Value | None) -> None:
    """Write a value as the field stores it; nothing when there is none."""
    if value is None or value == "":
        return
    if isinstance(value, str):
        _put_words(cell, field, value)
    elif isinstance(value, date):
        cell.value = value
        cell.number_format = style.DATE
    else:
        _put_number(cell, field, value)


def _put_words(cell: Cell, field: Field, value: str) -> None:
    if field.type == "cvr" and value.isdecimal():
        cell.value = int(value)
        return
    labels = {choice.code: choice.label_da for choice in field.choices}
    if field.choices and value not in labels:
        raise ValueError(f"{value!r} is none of the choices of {field.id!r}: {sorted(labels)}")
    put_text(cell, labels.get(value, value))


def _put_number(cell: Cell, field: Field, value: float) -> None:
    if not isfinite(value):
        raise ValueError(f"{field.id!r} cannot hold {value}")
    cell.value = value
    if field.is_shown_only:
        is_year = field.id == ANSWER
        kind = "year" if is_year else "number" if value == int(value) else "fraction"
        cell.style = style.cell_style(style.SHOWN_LOOK, kind)


def _set_widths(worksheet: Worksheet, sheet: Sheet) -> None:
    for block in sheet.blocks:
        for column, field in enumerate(block.fields, 1):
            letters = cell_name(1, column)[:-1]
            dimension = worksheet.column_dimensions[letters]
            known = dimension.width if dimension.customWidth else 0
            dimension.width = max(known, field.width)


def _freeze(worksheet: Worksheet, sheet: Sheet) -> None:
    """Keep the header in view; where tables follow each other it would head the wrong one."""
    first = sheet.blocks[0]
    has_one = len(sheet.blocks) == 1
    row = first.first_row if has_one else INTRO_ROW + 1
    column = 1 if first.fixed_rows else 2
    worksheet.freeze_panes = cell_name(row, column)
    worksheet.print_title_rows = f"{first.header_row}:{first.header_row}" if has_one else "1:2"
    # Without it, programs differ in how many of the empty rows they print.
    widest = max(len(block.fields) for block in sheet.blocks)
    worksheet.print_area = f"A1:{cell_name(sheet.blocks[-1].last_row, widest)}"
    for block in sheet.blocks[1:]:
        worksheet.row_breaks.append(Break(id=block.header_row - 2))


def _write_identity(workbook: Workbook, form: Form, prefill: Prefill) -> None:
    identity = Identity(form.form_id, form.version, prefill.municipality_code, prefill.year)
    worksheet = workbook.create_sheet(IDENTITY_SHEET)
    for row, (name, value) in enumerate(identity.entries().items(), 1):
        put_text(cell_at(worksheet, row, 1), name)
        put_text(cell_at(worksheet, row, 2), value)
    for name in (IDENTITY_SHEET, LISTS_SHEET):
        workbook[name].sheet_state = "veryHidden"


def _protect(worksheet: Worksheet) -> None:
    """Locked without a password: against slips, not against people."""
    protection = worksheet.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = False
    protection.selectLockedCells = protection.selectUnlockedCells = False


def _lay_out_for_print(worksheet: Worksheet, form: Form, prefill: Prefill) -> None:
    is_guidance = worksheet.title == GUIDANCE_SHEET
    style.print_on_a4(worksheet, pages_high=1 if is_guidance else None)
    footer: Any = worksheet.oddFooter
    footer.left.text = f"{prefill.municipality_name} {prefill.year}".strip().replace("&", "&&")
    footer.center.text = f"{form.title_da}, version {form.version}".replace("&", "&&")
    footer.right.text = "Side &P af &N"


def _describe(workbook: Workbook, form: Form, prefill: Prefill) -> None:
    properties = workbook.properties
    properties.title = f"{form.title_da} {prefill.year}, {prefill.municipality_name}"
    properties.subject = f"Skabelon {form.form_id}, version {form.version}"
    properties.creator = properties.lastModifiedBy = "klimamonitor"
    properties.language = "da-DK"
    properties.created = properties.modified = STAMP
