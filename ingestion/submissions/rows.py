"""Rows of a table: every input cell understood, facts made of it, what a row lacks told.

A cell that is faulty has one finding of its own and counts as answered, so that one fault is told
once. Private answers leave here only as contacts.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from ingestion.submissions.cells import Place
from ingestion.submissions.facts import Fact, Missing
from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.form import Block, Field, FixedRow
from ingestion.submissions.layout import Grid, Table
from ingestion.submissions.values import NOT_SHOWN, Fault, Outcome, Value, understand
from ingestion.text import one_line


@dataclass(frozen=True)
class Answer:
    """One input cell: where it stands, what is asked, what was understood.

    ``is_blocked`` cells have a finding of the form (merged, disputed) and are not read.
    """

    place: Place
    asked: Field
    outcome: Outcome
    is_blocked: bool = False

    @property
    def value(self) -> Value | None:
        """What was understood; None when empty, faulty or not read."""
        return self.outcome if isinstance(self.outcome, Value) else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all stands there."""
        return self.outcome is None and not self.is_blocked


@dataclass(frozen=True)
class Row:
    """A row as read: its key, and its answers by field."""

    key: str
    number: int
    fixed: FixedRow | None
    answers: Mapping[str, Answer]

    def value(self, field_id: str) -> Value | None:
        """What a field was understood to say."""
        answer = self.answers.get(field_id)
        return answer.value if answer else None


def read_rows(grid: Grid, table: Table, blocked: Set[tuple[int, int]]) -> list[Row]:
    """Read the rows of a table: every fixed row, and each free row that holds an answer.

    Args:
        grid: the sheet.
        table: where the table stands in it.
        blocked: cells that are not read, for a finding of the form names them.
    """
    rows = []
    inputs = table.inputs
    for number, fixed in table.rows.items():
        if fixed is None and not inputs_used(grid, number, inputs):
            continue
        answers = _answers(grid, table, number, fixed, blocked)
        key = fixed.key if fixed else _free_key(table.block, answers)
        rows.append(Row(key, number, fixed, answers))
    return rows


def inputs_used(grid: Grid, row: int, inputs: Mapping[str, int]) -> bool:
    """Whether any input cell of a row holds something."""
    cells = grid.rows.get(row)
    return cells is not None and any(column in cells for column in inputs.values())


def _answers(
    grid: Grid, table: Table, row: int, fixed: FixedRow | None, blocked: Set[tuple[int, int]]
) -> dict[str, Answer]:
    answers = {}
    for field in table.block.inputs:
        column = table.columns.get(field.id)
        asked = table.block.field_for(field, fixed)
        if column is None or asked.is_shown_only:
            continue
        is_blocked = (row, column) in blocked
        outcome = None if is_blocked else understand(grid.at(row, column), asked)
        answers[field.id] = Answer(grid.place(row, column), asked, outcome, is_blocked)
    return answers


def _free_key(block: Block, answers: Mapping[str, Answer]) -> str:
    return "|".join(_key_part(answers[name].value) if name in answers else "" for name in block.key)


def _key_part(value: Value | None) -> str:
    if value is None:
        return ""
    if value.day is not None:
        return value.day.isoformat()
    if value.number is not None:
        return f"{value.number:.15g}"
    return one_line(value.text or value.notation_key or "")


def cell_findings(rows: Sequence[Row]) -> Iterator[Finding]:
    """The fault of each cell that could not be understood."""
    for row in rows:
        for name, answer in row.answers.items():
            fault = answer.outcome
            if isinstance(fault, Fault):
                found = NOT_SHOWN if answer.asked.is_private else fault.found
                yield finding(fault.code, answer.place, field=name, found=found, **fault.figures)


def facts(block: Block, rows: Sequence[Row]) -> Iterator[Fact]:
    """A fact for each understood cell that is not private."""
    for row in rows:
        for name, answer in row.answers.items():
            value = answer.value
            if value is not None and not answer.asked.is_private:
                yield Fact(
                    block=block.id,
                    row_key=row.key,
                    row=row.number,
                    field=name,
                    sheet=block.sheet,
                    cell=answer.place.cell or "",
                    text=value.text,
                    number=value.number,
                    date=value.day,
                    notation_key=value.notation_key,
                )


def contacts(rows: Sequence[Row]) -> dict[str, str]:
    """Private answers by row key."""
    return {
        row.key: answer.value.text or ""
        for row in rows
        for answer in row.answers.values()
        if answer.asked.is_private and answer.value is not None
    }


def unanswered(rows: Sequence[Row]) -> Iterator[tuple[Row, str, Answer]]:
    """Required cells that are empty."""
    for row in rows:
        for name, answer in row.answers.items():
            if answer.asked.is_required and answer.is_empty:
                yield row, name, answer


def missing(rows: Sequence[Row]) -> Iterator[Missing]:
    """Required answers of fixed rows that are still to come."""
    for row, _name, answer in unanswered(rows):
        if row.fixed:
            label = row.fixed.labels["label"]
            yield Missing(answer.place.sheet or "", answer.place.cell or "", label)


def incomplete(rows: Sequence[Row]) -> Iterator[Finding]:
    """Cells without which a free row cannot stand."""
    for row, name, answer in unanswered(rows):
        if not row.fixed:
            yield finding("row-incomplete", answer.place, field=name, label=answer.asked.header_da)
