"""Gate 1 for submissions: what single cells cannot show, judged for a whole batch at once.

Each check of ``submissions.yml`` is a query and one expectation; a violating row becomes a finding
at its cell, in the words of its code.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, Field

from expectations.explained import is_explained
from expectations.judge import judge
from expectations.rules import Rule
from expectations.submission_batch import References, mark_faulty, open_batch
from expectations.verdict import GateBrokenError
from ingestion.submissions.cells import Place, cell_place
from ingestion.submissions.facts import Reading
from ingestion.submissions.findings import Finding, codes, finding
from ingestion.submissions.form import Form
from ingestion.submissions.wording import danish_date, danish_number

if TYPE_CHECKING:
    import pandas as pd

RULES = Path(__file__).parent / "submissions.yml"
NUMBER = "row_number"
TODAY = "today"


class Check(BaseModel):
    """One check: rows that can be wrong, and what is expected of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    sql: str
    expect: str = Field(pattern=r"^expect_[a-z_]+$")
    kwargs: dict[str, Any]


class SubmissionRules(BaseModel):
    """The file of checks: shared views, and the checks in the order they are judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    views: dict[str, str]
    checks: list[Check]


@cache
def submission_rules() -> SubmissionRules:
    """The checks as written."""
    return SubmissionRules.model_validate(yaml.safe_load(RULES.read_text(encoding="utf-8")))


def judge_submissions(
    readings: Sequence[Reading],
    forms: Sequence[Form],
    references: References,
    layers: Collection[str] | None = None,
    rules: SubmissionRules | None = None,
) -> list[list[Finding]]:
    """Judge a batch of submissions.

    Args:
        readings: what was read; one without an identity that holds is in no table.
        forms: every form that they may have been read against.
        references: what they are held against.
        layers: judge only the checks of these layers; all when None.
        rules: the checks; those of ``submissions.yml`` when None.

    Returns:
        The findings of each reading, in the order of the batch. What an earlier error explains
        is left out.

    Raises:
        GateBrokenError: a check could not be judged; nothing of the batch may be accepted.
    """
    rules = rules or submission_rules()
    judged = _Judged(readings)
    with open_batch(readings, forms, references) as connection:
        for name, sql in rules.views.items():
            _answer(connection, name, f'create view "{name}" as {sql}')
        for check in rules.checks:
            if layers is None or _layer(check) in layers:
                violations = _judge(connection, check, references.today)
                mark_faulty(connection, judged.take_in(violations))
    return judged.found


class _Judged:
    """What was found in each reading so far."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self.read = [reading.findings for reading in readings]
        self.found: list[list[Finding]] = [[] for _ in readings]

    def take_in(self, new: Iterable[tuple[int, Finding]]) -> list[dict[str, Any]]:
        """Keep what no earlier error explains; answer the cells of the errors among it."""
        kept = [
            (case, entry)
            for case, entry in new
            if not is_explained(entry, (*self.read[case], *self.found[case]))
        ]
        for case, entry in kept:
            self.found[case].append(entry)
        return [
            {"case_number": case, "sheet": entry.sheet, "cell": entry.cell}
            for case, entry in kept
            if entry.severity == "error" and entry.cell
        ]


def _layer(check: Check) -> str | None:
    entry = codes().get(check.code)
    return entry.layer if entry else None


def _judge(
    connection: duckdb.DuckDBPyConnection, check: Check, today: date
) -> list[tuple[int, Finding]]:
    """Ask, and let the expectation judge the answer.

    Raises:
        GateBrokenError: whatever went wrong.
    """
    frame = _answer(connection, check.code, check.sql).df()
    try:
        return _violations(check, frame, today)
    except GateBrokenError:
        raise
    except Exception as error:
        raise GateBrokenError(f"{check.code}: {type(error).__name__} {error}") from error


def _answer(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> Any:
    try:
        return connection.execute(sql)
    except duckdb.Error as error:
        raise GateBrokenError(f"{name}: {error}") from error


def _violations(check: Check, frame: "pd.DataFrame", today: date) -> list[tuple[int, Finding]]:
    """Let the expectation judge the rows; those that violate it become findings.

    Raises:
        GateBrokenError: the expectation raised, or failed without naming rows.
    """
    if frame.empty:
        return []
    frame = frame.reset_index(names=NUMBER)
    kwargs = {
        k: datetime(today.year, today.month, today.day) if v == TODAY else v  # noqa: DTZ001
        for k, v in check.kwargs.items()
    }
    rule = Rule(check.code, "submission", check.expect, kwargs)
    (judgement,) = judge(frame, [rule], [NUMBER])
    if judgement.passed:
        return []
    if not judgement.violating:
        raise GateBrokenError(f"{check.code}: {judgement.observed}")
    numbers = sorted(int(place[NUMBER]) for place in judgement.violating)
    rows: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
    return [_finding(check.code, rows[number]) for number in numbers]


def _finding(code: str, row: dict[str, Any]) -> tuple[int, Finding]:
    words = {name: _worded(value) for name, value in row.items()}
    sheet, cell = row.pop("sheet"), row.pop("cell")
    place = Place(_text(sheet), *cell_place(cell)) if _text(cell) else Place(_text(sheet))
    place_words = ("sheet", "cell", "field", "found")
    figures = {name: word or "–" for name, word in words.items() if name not in place_words}
    told = finding(code, place, field=_text(row["field"]), found=words["found"], **figures)
    return int(row["case_number"]), told


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _worded(value: Any) -> str | None:
    """A figure as it stands in a Danish sentence."""
    import pandas as pd

    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, date):
        return danish_date(value)
    if isinstance(value, str):
        return value
    return danish_number(float(value), 4)
