"""Why two publications differ: their inputs are exchanged one cause at a time, in a fixed order.

Every piece of the inputs belongs to one cause. The mixture of some causes takes their pieces from
the later publication and all others from the earlier one; what the tables do between two
neighbouring mixtures is the part of the cause that was exchanged between them.
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import count, zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.inputs import CONTROL_TABLES, Inputs, RawTable
from warehouse.submissions import SOURCE_ID

MEMBERSHIP, METHOD, CODE = "membership_geography", "method", "code"
RESTATEMENT, RESUBMISSION, CALENDAR = "provider_restatement", "resubmission", "calendar"
REGISTERS_FORM, SEEDS, SUBMISSION = "registers", "seeds", "submission"


@dataclass(frozen=True)
class Register:
    """The rows of a register, as its file has them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def of(self, cause: str, belongs: "Belonging") -> tuple[tuple[str, ...], ...]:
        """The rows that belong to a cause."""
        if belongs.column not in self.columns:
            return self.rows if belongs.cause == cause else ()
        place = self.columns.index(belongs.column)
        causes = belongs.values
        return tuple(r for r in self.rows if causes.get(r[place], belongs.cause) == cause)

    def write(self, path: Path) -> None:
        """Write the register as a file."""
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([self.columns, *self.rows])


def read_register(path: Path) -> Register:
    """A register as its file has it."""
    with path.open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    return Register(tuple(columns), tuple(tuple(row) for row in rows))


@dataclass(frozen=True)
class Belonging:
    """To which cause the rows of a register belong; some by their value in a column."""

    cause: str
    column: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def causes(self) -> set[str]:
        """All causes of the register."""
        return {self.cause, *self.values.values()}


@dataclass(frozen=True)
class Side:
    """One publication's inputs, with its dbt project unpacked.

    ``code`` is a digest of all files of the project but the rows of its registers.
    """

    inputs: Inputs
    project: Path
    code: str

    @cached_property
    def registers(self) -> dict[str, Register]:
        """Every register by name.

        Raises:
            FileNotFoundError: the project is not unpacked any more.
        """
        files = sorted(path for path in (self.project / SEEDS).iterdir() if path.suffix == ".csv")
        return {path.stem: read_register(path) for path in files}

    @cached_property
    def day(self) -> date:
        """The day of the publication."""
        moment: datetime = self.inputs.control["run"]["as_of"][0].as_py()
        return moment.date()

    @cached_property
    def submissions(self) -> dict[str, dict[str, Any]]:
        """Every submission and where it stands."""
        rows = self.inputs.control["submission"].to_pylist()
        return {row["submission_id"]: row for row in rows}

    @cached_property
    def states(self) -> dict[str, str]:
        """Source → its state's word."""
        rows = self.inputs.control["source_state"].select(["source_id", "state"]).to_pylist()
        return {row["source_id"]: row["state"] for row in rows}


@dataclass(frozen=True)
class Mixture:
    """Inputs of which some pieces are the earlier publication's and some the later one's."""

    inputs: Inputs
    code: Side
    registers: Mapping[str, Register]


@dataclass(frozen=True)
class Exchange:
    """Two publications' inputs, and to which cause each piece belongs.

    ``registers``: register → to which cause its rows belong; the method, where it is not named.
    """

    before: Side
    after: Side
    order: tuple[str, ...]
    registers: Mapping[str, Belonging]

    @cached_property
    def differing(self) -> tuple[str, ...]:
        """The causes whose pieces differ, in their order."""
        found = {cause for cause, _piece in self.pieces}
        return tuple(cause for cause in self.order if cause in found)

    @cached_property
    def pieces(self) -> tuple[tuple[str, str], ...]:
        """Every piece that differs, with its cause; as ``register gwp_sets``."""
        return tuple(sorted(self._pieces()))

    def _pieces(self) -> Iterator[tuple[str, str]]:
        before, after = self.before, self.after
        if before.code != after.code:
            yield CODE, "code"
        for name in self._register_names:
            causes = (cause for cause in self.order if self._rows_differ(name, cause))
            yield from ((cause, f"register {name}") for cause in causes)
        for name in self._table_names:
            if self._digest(before, name) != self._digest(after, name):
                yield self.table_cause(name), f"source {name}"
        yield from self._submissions()
        if self._calendar_differs():
            yield CALENDAR, f"day {after.day.isoformat()}"

    def _submissions(self) -> Iterator[tuple[str, str]]:
        for cause in (MEMBERSHIP, RESUBMISSION):
            for submission_id in self._differing_submissions(cause):
                yield cause, f"{SUBMISSION} {submission_id}"

    @property
    def _register_names(self) -> list[str]:
        return sorted(self.before.registers.keys() | self.after.registers.keys())

    @property
    def _table_names(self) -> list[str]:
        return sorted(self.before.inputs.tables.keys() | self.after.inputs.tables.keys())

    def _rows_differ(self, name: str, cause: str) -> bool:
        before, after = self._rows(name, cause)
        headers = {side.registers[name].columns for side in self._sides if name in side.registers}
        return set(before) != set(after) or (len(headers) > 1 and bool({*before, *after}))

    def _rows(self, name: str, cause: str) -> list[tuple[tuple[str, ...], ...]]:
        """The rows of a register that belong to a cause, on both sides."""
        belongs, registers = self._belonging(name), (s.registers.get(name) for s in self._sides)
        return [register.of(cause, belongs) if register else () for register in registers]

    @property
    def _sides(self) -> tuple[Side, Side]:
        return self.before, self.after

    def _belonging(self, name: str) -> Belonging:
        """A register whose columns changed moves with the code that reads it."""
        before, after = self.before.registers.get(name), self.after.registers.get(name)
        if before is None or after is None or before.columns != after.columns:
            return Belonging(CODE)
        return self.registers.get(name, Belonging(METHOD))

    def table_cause(self, name: str) -> str:
        """The provider's new figures, or the same bytes read in another way."""
        before, after = self.before.inputs.tables.get(name), self.after.inputs.tables.get(name)
        if before is None or after is None or list(before.columns) != list(after.columns):
            return CODE
        return CODE if before.release_id == after.release_id else RESTATEMENT

    def _digest(self, side: Side, name: str) -> tuple[object, ...] | None:
        table = side.inputs.tables.get(name)
        if table is None:
            return None
        return tuple(table.columns), table.release_id, table.recorded_at

    def _differing_submissions(self, cause: str) -> set[str]:
        rows = [
            {
                (name, row["status"], row["is_in_force"])
                for name, row in side.submissions.items()
                if submission_cause(row["form_id"]) == cause
            }
            for side in self._sides
        ]
        return {submission_id for submission_id, _status, _force in rows[0] ^ rows[1]}

    def _calendar_differs(self) -> bool:
        before, after = self.before, self.after
        if before.day.year != after.day.year:
            return True
        own = {name for name in after.states if self._state_cause(name) == CALENDAR}
        if any(before.states.get(name) != after.states.get(name) for name in own):
            return True
        earliest, latest = sorted((before.day, after.day))
        return any(earliest < day <= latest for side in self._sides for day in _days(side))

    def _state_cause(self, source_id: str) -> str:
        """The word for a source goes with its figures where they differ."""
        if source_id == SOURCE_ID:
            return RESUBMISSION if self._differing_submissions(RESUBMISSION) else CALENDAR
        differs = self._digest(self.before, source_id) != self._digest(self.after, source_id)
        return self.table_cause(source_id) if differs else CALENDAR

    def submission(self, submission_id: str) -> dict[str, Any]:
        """A submission as the later publication knows it, else as the earlier one did."""
        sides = (self.after, self.before)
        return next(row for side in sides if (row := side.submissions.get(submission_id)))

    def reporter(self, piece: str) -> str | None:
        """The municipality whose submission a piece is; none of any other piece."""
        kind, _, name = piece.partition(" ")
        return self.submission(name)["municipality_code"] if kind == SUBMISSION else None

    def register_rows(self, cause: str, piece: str) -> list[dict[str, Any]]:
        """The rows of a register that a cause changed: the first cell, and column → cells before
        and after of what differs. A row that came or went has empty cells on the other side.
        """
        kind, _, name = piece.partition(" ")
        before, after = self._rows(name, cause) if kind == "register" else [(), ()]
        gone = _by_first_cell(row for row in before if row not in after)
        come = _by_first_cell(row for row in after if row not in before)
        columns = [side.registers[name].columns for side in self._sides if name in side.registers]
        return [
            {"row": first[0], "cells": _differing_cells(columns[-1], old, new)}
            for first in sorted({**gone, **come})
            for old, new in [(gone.get(first, ()), come.get(first, ()))]
        ]

    def mixture(self, exchanged: Collection[str]) -> Mixture:
        """The inputs when these causes are exchanged."""
        code = self.after if CODE in exchanged else self.before
        return Mixture(
            Inputs(
                tables=self._tables(exchanged),
                control=self._control(exchanged, code),
                cells=self._cells(exchanged),
                published=code.inputs.published,
                project=code.inputs.project,
            ),
            code,
            self._registers(exchanged),
        )

    def _side(self, cause: str, exchanged: Collection[str]) -> Side:
        return self.after if cause in exchanged else self.before

    def _registers(self, exchanged: Collection[str]) -> dict[str, Register]:
        mixed = {}
        for name in self._register_names:
            belongs = self._belonging(name)
            parts = [
                (register.columns, register.of(cause, belongs))
                for cause in sorted(belongs.causes)
                if (register := self._side(cause, exchanged).registers.get(name))
            ]
            if parts:
                rows = tuple(row for _columns, part in parts for row in part)
                mixed[name] = Register(parts[0][0], rows)
        return mixed

    def _tables(self, exchanged: Collection[str]) -> dict[str, RawTable]:
        sides = {n: self._side(self.table_cause(n), exchanged) for n in self._table_names}
        return {n: t for n, side in sides.items() if (t := side.inputs.tables.get(n))}

    def _cells(self, exchanged: Collection[str]) -> dict[str, Path]:
        return {
            submission_id: path
            for cause in (MEMBERSHIP, RESUBMISSION)
            for side in (self._side(cause, exchanged),)
            for submission_id, path in side.inputs.cells.items()
            if submission_cause(side.submissions[submission_id]["form_id"]) == cause
        }

    def _control(self, exchanged: Collection[str], code: Side) -> dict[str, pa.Table]:
        tables = dict(code.inputs.control)
        calendar = self._side(CALENDAR, exchanged).inputs.control
        tables.update({name: calendar[name] for name in ("run", "publication_log")})
        for name in ("submission", "submission_finding"):
            parts = [
                _of_forms(self._side(cause, exchanged), name, cause)
                for cause in (MEMBERSHIP, RESUBMISSION)
            ]
            tables[name] = _joined(parts, tables[name].schema)
        states = [
            _of_sources(
                side,
                {n for n in side.states if self._side(self._state_cause(n), exchanged) is side},
            )
            for side in self._sides
        ]
        tables["source_state"] = _joined(states, tables["source_state"].schema)
        return {name: tables[name] for name in CONTROL_TABLES}


def _by_first_cell(rows: Iterable[tuple[str, ...]]) -> dict[tuple[str, int], tuple[str, ...]]:
    """Rows by their first cell and, where several share it, by their number among these."""
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for row in rows:
        number = next(n for n in count() if (row[0], n) not in found)
        found[row[0], number] = row
    return found


def _differing_cells(
    columns: Sequence[str], old: Sequence[str], new: Sequence[str]
) -> dict[str, list[str]]:
    pairs = zip_longest(columns, old, new, fillvalue="")
    return {name: [before, after] for name, before, after in pairs if before != after}


def submission_cause(form_id: str | None) -> str:
    """The secretariat's register workbook tells who is a member; all other forms are reports."""
    return MEMBERSHIP if form_id == REGISTERS_FORM else RESUBMISSION


def _of_forms(side: Side, table: str, cause: str) -> pa.Table:
    rows = side.inputs.control[table]
    submissions = side.submissions.items()
    wanted = [name for name, row in submissions if submission_cause(row["form_id"]) == cause]
    return _kept(rows, "submission_id", wanted)


def _of_sources(side: Side, names: Collection[str]) -> pa.Table:
    return _kept(side.inputs.control["source_state"], "source_id", names)


def _kept(rows: pa.Table, column: str, wanted: Collection[str]) -> pa.Table:
    kept: pa.Table = rows.filter(pc.is_in(rows[column], pa.array(wanted, pa.string())))
    return kept


def _joined(parts: list[pa.Table], schema: pa.Schema) -> pa.Table:
    """Rows of both parts in the columns that the code reads."""
    both = pa.concat_tables(parts, promote_options="default")
    columns = [
        both[field.name] if field.name in both.column_names else pa.nulls(len(both), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _days(side: Side) -> Iterator[date]:
    """Every day that a register or a submission names: on it, something may begin or end."""
    cells = {cell for register in side.registers.values() for row in register.rows for cell in row}
    for text in cells:
        with suppress(ValueError):
            yield date.fromisoformat(text)
    for path in side.inputs.cells.values():
        days = pq.read_table(path, columns=["value_date"])["value_date"]
        yield from days.drop_null().to_pylist()
