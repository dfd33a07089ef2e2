"""What a new workbook holds already: the last accepted answers, and public figures to compare."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ingestion.submissions.csv_bundle import write_bundle
from ingestion.submissions.filling import filled_form
from ingestion.submissions.form import Block, Form
from ingestion.submissions.identity import FIRST_REPORT_YEAR
from ingestion.submissions.template import Prefill, write_template
from ingestion.submissions.wording import danish_number
from orchestration.judging import REGISTER_WORKBOOK, REPORT, form
from orchestration.registers import catalogue
from orchestration.settings import Settings
from warehouse import submissions as store
from warehouse.public_values import public_values
from warehouse.submission_cells import read_cells

# What goes on from year to year; the rest is of its own year.
LASTING = ("plans", "targets", "actions", "partnerships", "declaration_signatures")
NOBODY = "0000"
Value = str | float | date
Row = Mapping[str, Any]


def template_years(settings: Settings) -> range:
    """Years that can be reported on."""
    return range(FIRST_REPORT_YEAR, settings.today().year + 1)


def make_template(
    settings: Settings, municipality_code: str | None, year: int, *, as_csv: bool = False
) -> bytes:
    """The form for a municipality and a year, prefilled; the registers' when there is none.

    Args:
        settings: state root and clock.
        municipality_code: four digits, or None for the secretariat's registers.
        year: the year that is reported on.
        as_csv: a zip file of CSV sheets instead of a workbook.

    Raises:
        LookupError: there is no such municipality.
    """
    if municipality_code is None:
        wanted, prefill = form(REGISTER_WORKBOOK), _register_prefill(settings, year)
    elif municipality_code in catalogue().municipalities:
        wanted, prefill = form(REPORT), _report_prefill(settings, municipality_code, year)
    else:
        raise LookupError(f"There is no municipality {municipality_code}; codes are as 0147.")
    if as_csv:
        return write_bundle(filled_form(wanted, prefill))
    return write_template(wanted, prefill)


def _report_prefill(settings: Settings, municipality_code: str, year: int) -> Prefill:
    report = form(REPORT)
    latest, this_year = _accepted(settings, municipality_code, year)
    cells = _shown_only(settings, report, municipality_code, year, this_year or latest)
    cells.update(_answers(report, this_year))
    wanted = {block.id for block in report.blocks} if this_year else LASTING
    rows = _rows(report, this_year or latest, wanted)
    name = catalogue().municipalities[municipality_code]
    return Prefill(municipality_code, name, year, cells=cells, rows=rows)


def _register_prefill(settings: Settings, year: int) -> Prefill:
    """What the newest accepted version of the registers holds."""
    registers = form(REGISTER_WORKBOOK)
    in_force = [
        s.submission
        for s in store.standings(settings.layout, with_examples=False)
        if s.is_in_force and s.submission.form_id == REGISTER_WORKBOOK
    ]
    newest = sorted(in_force, key=lambda s: (str(s.decided_at), s.submission_id))[-1:]
    cells = read_cells(settings.layout, newest)
    rows = _rows(registers, cells, {block.id for block in registers.blocks})
    return Prefill(NOBODY, "Sekretariatet", year, cells={}, rows=rows)


def _accepted(settings: Settings, code: str, year: int) -> tuple[list[Row], list[Row]]:
    """Cells of the newest earlier report in force, and of the report of the year itself.

    Examples are never offered to somebody who reports for real.
    """
    in_force = {
        s.submission.year: s.submission
        for s in store.standings(settings.layout, with_examples=False)
        if s.is_in_force
        and s.submission.municipality_code == code
        and s.submission.form_id == REPORT
    }
    earlier = max((y for y in in_force if y is not None and y < year), default=None)
    reports = [in_force[y] for y in (earlier, year) if y in in_force]
    cells = read_cells(settings.layout, reports)
    return [c for c in cells if c["year"] == earlier], [c for c in cells if c["year"] == year]


def _shown_only(
    settings: Settings, form: Form, code: str, year: int, last: Sequence[Row]
) -> dict[tuple[str, str, str], Value]:
    """The columns that are there to compare with."""
    public: dict[str, Row] = {}
    for row in public_values(settings.layout):
        before = public.get(row["indicator_id"])
        is_newer = before is None or before["year"] < row["year"]
        if row["municipality_code"] == code and row["year"] <= year and is_newer:
            public[row["indicator_id"]] = row
    accepted = {(c["block"], c["row_key"]): c for c in last if c["field"] == "value"}
    shown: dict[tuple[str, str, str], Value] = {}
    for block, key in _fixed(form):
        if (block.id, key) in accepted:
            cell = accepted[block.id, key]
            shown[block.id, key, "last_accepted"] = _dated(cell, cell["value_number"])
        if key in public and block.id != "municipality":
            shown[block.id, key, "public"] = _dated(public[key], public[key]["value"])
    return shown


def _fixed(form: Form) -> Iterable[tuple[Block, str]]:
    return ((block, row.key) for block in form.blocks for row in block.fixed_rows)


def _dated(row: Row, number: float | None) -> str:
    """A figure or key with its year, such as ``34.567 (2023)``."""
    figure = row["notation_key"] if number is None else danish_number(number)
    return f"{figure} ({row['year']})"


def _answers(form: Form, cells: Sequence[Row]) -> dict[tuple[str, str, str], Value]:
    """The answers of an accepted report of the same year, to be corrected."""
    fixed = {(block.id, key) for block, key in _fixed(form)}
    return {
        (c["block"], c["row_key"], c["field"]): _value(c)
        for c in cells
        if (c["block"], c["row_key"]) in fixed
    }


def _rows(
    form: Form, cells: Sequence[Row], wanted: Iterable[str]
) -> dict[str, list[dict[str, Value]]]:
    """Rows of free tables, in the order they stood."""
    rows: dict[str, dict[int, dict[str, Value]]] = {}
    free = {block.id for block in form.blocks if block.free_rows} & set(wanted)
    for cell in sorted(cells, key=lambda c: c["row_number"]):
        if cell["block"] in free:
            table = rows.setdefault(cell["block"], {})
            table.setdefault(cell["row_number"], {})[cell["field"]] = _value(cell)
    return {block: list(table.values()) for block, table in rows.items()}


def _value(cell: Row) -> Value:
    known = ("value_text", "value_number", "value_date", "notation_key")
    value: Value = next(cell[name] for name in known if cell[name] is not None)
    return value
