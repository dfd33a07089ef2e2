"""A filled form as a grid of text, as it would be saved to CSV: for examples and trials."""

from collections.abc import Iterator
from datetime import date

from ingestion.submissions.cells import Cell, FileCells, SheetCells
from ingestion.submissions.form import (
    IDENTITY_SHEET,
    INTRO_ROW,
    TITLE_ROW,
    Block,
    Field,
    Form,
    Sheet,
)
from ingestion.submissions.identity import Identity
from ingestion.submissions.numerals import AMBIGUOUS
from ingestion.submissions.template import Prefill, Value

Placed = Iterator[tuple[int, int, str]]


def filled_form(form: Form, prefill: Prefill) -> FileCells:
    """The form with answers in it; every cell is text in the declared locale.

    Args:
        form: the form.
        prefill: for whom, for when, and the answers.
    """
    identity = Identity(form.form_id, form.version, prefill.municipality_code, prefill.year)
    sheets = [_sheet(sheet, prefill) for sheet in form.sheets]
    hidden = {
        (row, column): Cell("text", text)
        for row, entry in enumerate(identity.entries().items(), 1)
        for column, text in enumerate(entry, 1)
    }
    return FileCells((*sheets, SheetCells(IDENTITY_SHEET, hidden)), door="csv_bundle")


def _sheet(sheet: Sheet, prefill: Prefill) -> SheetCells:
    texts = {(TITLE_ROW, 1): sheet.title_da, (INTRO_ROW, 1): sheet.intro_da}
    for block in sheet.blocks:
        texts[block.header_row - 1, 1] = block.title_da
        for row, column, text in (*_frame(block), *_answers(block, prefill)):
            texts[row, column] = text
    return SheetCells(sheet.name, {place: Cell("text", text) for place, text in texts.items()})


def _frame(block: Block) -> Placed:
    """Headers, and what fixed rows say."""
    for column, field in enumerate(block.fields, 1):
        yield block.header_row, column, field.header_da
        for row, fixed in enumerate(block.fixed_rows, block.first_row):
            if fixed.labels.get(field.id):
                yield row, column, fixed.labels[field.id]


def _answers(block: Block, prefill: Prefill) -> Placed:
    for column, field in enumerate(block.fields, 1):
        for row, fixed in enumerate(block.fixed_rows, block.first_row):
            value = prefill.all_cells.get((block.id, fixed.key, field.id))
            if value is not None:
                yield row, column, written(value, block.field_for(field, fixed))
        for row, given in enumerate(prefill.rows.get(block.id, ()), block.first_row):
            if field.id in given:
                yield row, column, written(given[field.id], field)


def written(value: Value, field: Field) -> str:
    """A value as a Danish hand would write it: decimal comma, day first, the words of a choice."""
    if isinstance(value, date):
        return value.strftime("%d-%m-%Y")
    if isinstance(value, str):
        return next((c.label_da for c in field.choices if c.code == value), value)
    text = f"{value:.10f}".rstrip("0").rstrip(".").replace(".", ",")
    return f"{text}0" if AMBIGUOUS.fullmatch(text) else text
