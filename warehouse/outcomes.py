"""Outcome rows: one per unit of work, so "how long has X been failing" is a query.

``outcomes/<source id>.jsonl`` has a row for every look at a source; ``outcomes/runs.jsonl`` a row
for every run, ``outcomes/postgres.jsonl`` one for every look at the serving PostgreSQL;
``warehouse/holds.py`` keeps ``outcomes/released_holds.jsonl``, ``warehouse/alert_log.py``
``outcomes/alerts.jsonl``, ``warehouse/shapes.py`` ``outcomes/drift.jsonl``,
``warehouse/run_steps.py`` ``outcomes/steps.jsonl``.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from warehouse.durable import append_json_line, read_json_lines
from warehouse.layout import Layout

RUNS, RECOVERED, POSTGRES, RELEASED = "runs", "recovered", "postgres", "released_holds"
ALERTS, DRIFT, STEPS = "alerts", "drift", "steps"
GOOD, REFUSED = ("accepted", "unchanged"), ("quarantined", "held")
OTHERS = (RUNS, POSTGRES, RELEASED, ALERTS, DRIFT, STEPS)


@dataclass(frozen=True)
class Outcome:
    """What one look at one source came to.

    ``result`` is ``accepted``, ``unchanged``, ``quarantined``, ``held``, ``failed`` or
    ``not_configured``;
    ``reason`` holds the provider's own words, ``requests`` how often it was asked, ``windows`` the
    months that were fetched and are in force.
    """

    run_id: str
    source_id: str
    at: str
    result: str
    stamp: str | None = None
    code: str | None = None
    reason: str | None = None
    release_id: str | None = None
    declaration_hash: str | None = None
    rows_read: int = 0
    rows_accepted: int = 0
    rows_set_aside: int = 0
    rows_quarantined: int = 0
    is_active: bool = True
    transport: str = "snapshot"
    seconds: float = 0.0
    requests: int = 0
    windows: Sequence[str] = ()


@dataclass(frozen=True)
class RunRecord:
    """What one run came to: ``published``, ``unchanged``, ``held`` or ``failed``.

    A row ``recovered`` is written beside it by a run that found the publication damaged.
    ``holds`` are the limits that a held draft crossed, empty when anything else held it as well;
    ``compared_with`` the publication that it was held against.
    """

    run_id: str
    started_at: str
    ended_at: str
    result: str
    version: str | None
    reason: str
    transport: str
    input_fingerprint: str | None
    compared_with: str | None = None
    holds: tuple[Any, ...] = ()


@dataclass(frozen=True)
class ServingRecord:
    """What one look at PostgreSQL came to: ``loaded``, ``unchanged``, ``postponed`` or ``failed``.

    ``version`` is the publication it should serve; ``reason`` holds no secret.
    """

    run_id: str
    at: str
    result: str
    version: str
    reason: str = ""
    seconds: float = 0.0


def record(layout: Layout, outcome: Outcome) -> None:
    """Append one outcome row."""
    append_json_line(layout.outcomes / f"{outcome.source_id}.jsonl", asdict(outcome))


def last_outcomes(layout: Layout, source_id: str) -> tuple[Outcome | None, Outcome | None]:
    """The last outcome, and the last one that was accepted or unchanged."""
    return last_of(outcomes_of(layout, source_id))


def last_of(rows: Sequence[Outcome]) -> tuple[Outcome | None, Outcome | None]:
    """The last of some outcomes, and the last good one."""
    good = (row for row in reversed(rows) if row.result in GOOD)
    return (rows[-1] if rows else None), next(good, None)


def outcomes_of(layout: Layout, source_id: str) -> list[Outcome]:
    """Every look at a source so far, oldest first."""
    rows = read_json_lines(layout.outcomes / f"{source_id}.jsonl")
    return [Outcome(**{**row, "windows": tuple(row.get("windows", ()))}) for row in rows]


def record_run(layout: Layout, run: RunRecord) -> None:
    """Append one run row."""
    append_json_line(layout.outcomes / f"{RUNS}.jsonl", asdict(run))


def runs(layout: Layout) -> list[dict[str, Any]]:
    """Every run so far, oldest first."""
    return list(read_json_lines(layout.outcomes / f"{RUNS}.jsonl"))


def recovered(layout: Layout) -> str | None:
    """Why readers were pointed at another publication, until a new one has been made."""
    for run in reversed(runs(layout)):
        if run["result"] in (RECOVERED, "published"):
            return str(run["reason"]) if run["result"] == RECOVERED else None
    return None


def run_ids(layout: Layout) -> frozenset[str]:
    """Every run that has looked at a source of this state root."""
    looks = (path for path in layout.outcomes.glob("*.jsonl") if path.stem not in OTHERS)
    rows = (row for path in looks for row in read_json_lines(path))
    return frozenset(row["run_id"] for row in rows if "run_id" in row)


def record_serving(layout: Layout, serving: ServingRecord) -> None:
    """Append one row about PostgreSQL."""
    append_json_line(layout.outcomes / f"{POSTGRES}.jsonl", asdict(serving))


def servings(layout: Layout) -> list[ServingRecord]:
    """Every look at PostgreSQL so far, oldest first."""
    rows = read_json_lines(layout.outcomes / f"{POSTGRES}.jsonl")
    return [ServingRecord(**row) for row in rows]
