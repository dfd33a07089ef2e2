"""A file read against its form: identity, sheets, tables, rows, facts, and all that is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingestion.submissions.cells import FileCells
from ingestion.submissions.explanations import explanation_findings
from ingestion.submissions.facts import Fact, Missing, Reading
from ingestion.submissions.findings import Finding, told
from ingestion.submissions.form import Block, Form, Sheet
from ingestion.submissions.form_checks import (
    MUNICIPALITY_BLOCK,
    Template,
    disputed_cells,
    disputed_findings,
    hidden_findings,
    identity_findings,
    locked_findings,
    merged_answers,
    merged_findings,
    outside_findings,
    read_template,
    sheet_findings,
)
from ingestion.submissions.layout import Grid, Layout, Table, find_tables
from ingestion.submissions.personal import personal_findings
from ingestion.submissions.rows import (
    Row,
    cell_findings,
    contacts,
    facts,
    incomplete,
    missing,
    read_rows,
)
from ingestion.submissions.signatures import SIGNATURES, signature_findings


def read_submission(
    file: FileCells, form: Form, municipalities: Mapping[str, str], this_year: int
) -> Reading:
    """Read a submitted file.

    Args:
        file: the cells of the file.
        form: the form in force.
        municipalities: Danish name by 4-digit code.
        this_year: the last year that can be reported.

    Returns:
        What was understood and what was not, as far as ``findings.told`` tells it. Nothing is
        read of a file that was not made from this version of the form. An identity is stated as
        soon as its checksum fits, also of a municipality or year that is refused.
    """
    template = read_template(file, form, municipalities, this_year)
    collected = _Collected(list(template.findings))
    if template.is_readable:
        collected.findings += sheet_findings(file, form)
        for sheet in form.sheets:
            _read_sheet(file, sheet, template, municipalities, collected)
    collected.findings += personal_findings(collected.facts, collected.contacts)
    return Reading(
        template.identity,
        tuple(collected.facts),
        told(collected.findings),
        tuple(collected.missing),
        collected.contacts,
    )


@dataclass
class _Collected:
    findings: list[Finding]
    facts: list[Fact] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    contacts: dict[str, str] = field(default_factory=dict)


def _read_sheet(
    file: FileCells,
    declared: Sheet,
    template: Template,
    municipalities: Mapping[str, str],
    collected: _Collected,
) -> None:
    sheet = file.sheet(declared.name)
    if sheet is None:
        return
    grid = Grid(sheet)
    layout = find_tables(grid, declared)
    merged = merged_answers(grid, layout.tables)
    disputed = disputed_cells(grid, layout.tables)
    collected.findings += layout.findings
    collected.findings += merged_findings(grid, merged)
    collected.findings += disputed_findings(grid, disputed)
    collected.findings += _form_findings(grid, layout, template, municipalities)
    blocked = disputed.union(*merged.values())
    for table in layout.tables:
        _take_in(table.block, read_rows(grid, table, blocked), collected)


def _form_findings(
    grid: Grid, layout: Layout, template: Template, municipalities: Mapping[str, str]
) -> Iterator[Finding]:
    for table in layout.tables:
        yield from locked_findings(grid, table)
        if _can_compare(table, template) and template.identity:
            yield from identity_findings(grid, table, template.identity, municipalities)
    yield from hidden_findings(grid, layout.tables)
    yield from outside_findings(grid, layout)


def _can_compare(table: Table, template: Template) -> bool:
    """A hidden sheet that is refused already is no measure for the visible one."""
    return table.block.id == MUNICIPALITY_BLOCK and not template.findings


def _take_in(block: Block, rows: list[Row], collected: _Collected) -> None:
    collected.findings += cell_findings(rows)
    collected.findings += incomplete(rows)
    collected.findings += explanation_findings(block, rows)
    if block.id == MUNICIPALITY_BLOCK:
        collected.findings += signature_findings(rows)
        rows_to_come = [row for row in rows if row.key not in SIGNATURES]
    else:
        rows_to_come = rows
    collected.facts += facts(block, rows)
    collected.missing += missing(rows_to_come)
    collected.contacts |= contacts(rows)
