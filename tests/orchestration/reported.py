"""Hand-made facts of accepted submissions, put into a draft before dbt builds it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.open_run import opened
from orchestration.transform import close_connections, invoke, read_parsed, short_name
from tests.orchestration.conftest import settings_for
from warehouse.draft import Draft

Value = str | float | date
ACCEPTED_AT = "2026-03-01 10:00:05"
KEYS = ("NO", "NE", "IE", "C")
SHEETS = {
    "municipality": "Kommune",
    "emissions": "Udledninger",
    "emission_sources": "Udledninger",
    "heat_plants": "Kraftvarme",
    "key_figures": "Nøgletal",
    "targets": "Klimaplan og mål",
    "actions": "Handlinger",
    "adaptation_projects": "Klimatilpasning",
    "damage_points": "Klimatilpasning",
    "partnerships": "Partnerskaber",
    "plans": "Klimaplan og mål",
    "participations": "Deltagelse",
    "declaration_signatures": "Deklarationer",
    "knowledge_sharing": "Vidensdeling",
    "memberships": "Medlemskab",
    "waivers": "Dispensationer",
    "reporting_deadlines": "Frister",
    "reply_remarks": "Bemærkninger",
    "steering_seats": "Styregruppe",
    "meetings": "Møder",
}


@dataclass(frozen=True)
class Row:
    """One row of a block: its key, its row in the sheet, and its fields in columns A, B, …"""

    block: str
    key: str
    number: int
    fields: Mapping[str, Value]


@dataclass(frozen=True)
class Report:
    """One submission with its facts."""

    id: str
    municipality: str | None
    year: int | None
    rows: Sequence[Row]
    form_id: str = "report"
    is_in_force: bool = True
    supersedes: str | None = None
    is_example: bool = False
    withdrawn_because: str | None = None
    received_at: str = ACCEPTED_AT

    @property
    def status(self) -> str:
        """Where it stands."""
        if self.withdrawn_because:
            return "withdrawn"
        return "accepted" if self.is_in_force else "superseded"

    @property
    def sha256(self) -> str:
        """As if of its bytes."""
        return hashlib.sha256(self.id.encode()).hexdigest()

    def ref(self, block: str, cell: str) -> str:
        """How a published row names a cell of this report."""
        return f"municipal_submissions@{self.sha256}#{SHEETS[block]}!{cell}"


@dataclass(frozen=True)
class Built:
    """A draft that dbt has built: its two files, and the status of every test."""

    draft: Draft
    tests: Mapping[str, str] = field(default_factory=dict)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Query the published tables."""
        with duckdb.connect(str(self.draft.file), read_only=True) as connection:
            rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return rows

    @property
    def failed(self) -> set[str]:
        """Names of the tests that did not pass."""
        return {name for name, status in self.tests.items() if status != "pass"}


def build(home: Path, reports: Sequence[Report]) -> Built:
    """Build the tables of the snapshot and some reports, then run every data test."""
    with opened(settings_for(home), force=True) as run:
        run.has_news()
        for source in run.sources:
            run.take_in(source)
        draft = run.draft
    with duckdb.connect(str(draft.work_file)) as connection:
        _replace_submissions(connection, reports)
    made = dbt(draft, "build", "--exclude-resource-type", "unit_test", "test")
    assert set(made.values()) == {"success"}, made
    return Built(draft, dbt(draft, "test", "--exclude-resource-type", "unit_test"))


def dbt(draft: Draft, command: str, *options: str) -> dict[str, str]:
    """One dbt invocation on a draft with the project as it was parsed: the status of each node."""
    options = ("--target-path", str(draft.folder / "target"), *options)
    logs = ["--quiet", "--no-write-json", "--log-path", str(draft.folder)]
    done = invoke([*logs, command, *options], draft, manifest=read_parsed())
    close_connections()
    assert done.result is not None, done.exception
    return {short_name(r.node.unique_id): str(r.status) for r in done.result.results}


def _replace_submissions(connection: duckdb.DuckDBPyConnection, reports: Sequence[Report]) -> None:
    connection.execute("drop view raw.submission_cell")
    connection.execute("create table raw.submission_cell as from raw.no_submission_cell")
    connection.execute("delete from raw.submission")
    connection.execute("delete from raw.submission_finding")
    superseded = {report.supersedes: report.id for report in reports if report.supersedes}
    for report in reports:
        connection.execute(
            "insert into raw.submission by name select ? as submission_id, ? as form_id, "
            "1 as form_version, ? as municipality_code, ? as year, ? as status, "
            "'workbook' as door, ?::timestamp as received_at, ?::timestamp as decided_at, "
            "? as file_sha256, ? as supersedes_id, ? as superseded_by_id, 0 as errors_count, "
            "0 as warnings_count, ? as facts_count, 0 as missing_count, ? as is_in_force, "
            "? as is_example, ? as withdrawn_reason",
            [
                report.id,
                report.form_id,
                report.municipality,
                report.year,
                report.status,
                report.received_at,
                ACCEPTED_AT,
                report.sha256,
                report.supersedes,
                superseded.get(report.id),
                sum(len(row.fields) for row in report.rows),
                report.is_in_force,
                report.is_example,
                report.withdrawn_because,
            ],
        )
        for row in report.rows:
            _insert_cells(connection, report, row)


def _insert_cells(connection: duckdb.DuckDBPyConnection, report: Report, row: Row) -> None:
    for column, (name, value) in enumerate(row.fields.items()):
        is_number = isinstance(value, int | float)
        is_text = isinstance(value, str) and value not in KEYS
        connection.execute(
            "insert into raw.submission_cell by name select ? as submission_id, ? as form_id, "
            "? as municipality_code, ? as year, ? as block, ? as row_key, ? as row_number, "
            "? as field, ? as sheet, ? as cell, ? as value_text, ?::double as value_number, "
            "?::date as value_date, ? as notation_key, ? as file_sha256, "
            "?::timestamp as recorded_at, ? as is_example",
            [
                report.id,
                report.form_id,
                report.municipality,
                report.year,
                row.block,
                row.key,
                row.number,
                name,
                SHEETS[row.block],
                f"{'ABCDEFGHIJKLMNO'[column]}{row.number}",
                value if is_text else None,
                value if is_number else None,
                value if isinstance(value, date) else None,
                value if value in KEYS else None,
                report.sha256,
                ACCEPTED_AT,
                report.is_example,
            ],
        )


def figures(block: str, first_row: int = 5, /, **values: Value) -> list[Row]:
    """Rows of a block that asks for one figure a row; a key comes with an explanation.

    IE names the first row with a number, when there is one.
    """
    numbers = [key for key, value in values.items() if not isinstance(value, str)]
    elsewhere = f", se {numbers[0]}" if numbers else ""
    return [
        Row(block, key, first_row + number, _answer(value, elsewhere))
        for number, (key, value) in enumerate(values.items())
    ]


def _answer(value: Value, elsewhere: str) -> dict[str, Value]:
    if value in KEYS:
        told = f"Forklaring på {value}{elsewhere if value == 'IE' else ''}"
        return {"value": value, "explanation": told}
    return {"value": value}
