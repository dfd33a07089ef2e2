"""What people were told: each matter once when it began and once when it was over, append-only.

``outcomes/alerts.jsonl`` has a row for every message. A matter is open from its ``raised`` row to
its ``recovered`` one. A message that no channel took is written as ``unsent`` and is no row of a
matter: the next run tries again.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Literal

from warehouse.durable import append_json_line, read_json_lines
from warehouse.layout import Layout
from warehouse.outcomes import ALERTS

Event = Literal["raised", "recovered", "unsent"]


@dataclass(frozen=True)
class AlertRecord:
    """One message about one matter, and which channels took it; ``failed`` holds no secret."""

    key: str
    event: Event
    at: str
    text: str
    sent: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


@contextmanager
def one_teller(layout: Layout) -> Iterator[None]:
    """Only one process at a time tells, so that a run and a watch do not both tell the same."""
    layout.outcomes.mkdir(parents=True, exist_ok=True)
    with (layout.outcomes / f"{ALERTS}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def record_alert(layout: Layout, alert: AlertRecord) -> None:
    """Append one row."""
    append_json_line(layout.outcomes / f"{ALERTS}.jsonl", asdict(alert))


def alerts(layout: Layout) -> list[AlertRecord]:
    """Every message so far, oldest first."""
    rows = read_json_lines(layout.outcomes / f"{ALERTS}.jsonl")
    return [
        AlertRecord(**{**row, "sent": tuple(row["sent"]), "failed": tuple(row["failed"])})
        for row in rows
    ]


def open_alerts(layout: Layout) -> dict[str, AlertRecord]:
    """The matters that people were told of and that are not over, by key."""
    found: dict[str, AlertRecord] = {}
    for row in alerts(layout):
        if row.event == "raised":
            found[row.key] = row
        elif row.event == "recovered":
            found.pop(row.key, None)
    return found
