"""Holds that a named person may accept for one publication, and the record of who did.

``outcomes/released_holds.jsonl`` has a row for every acceptance. One stands while the attempt it
was given for is the last one: what is published or held after it ends it, so it is used once.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from warehouse import outcomes
from warehouse.durable import append_json_line, read_json_lines
from warehouse.layout import Layout

LOG = f"{outcomes.RELEASED}.jsonl"
ATTEMPTS = ("published", "held")
# Sums of floating-point numbers may differ in the last digits from one build to the next.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Hold:
    """A limit against the last publication that a draft crossed.

    ``previous`` and ``observed`` are the figures compared, in the unit of ``subject``; ``moved``
    and ``limit`` are shares.
    """

    table: str
    rule: str
    subject: str
    previous: float
    observed: float
    moved: float
    limit: float

    @property
    def text(self) -> str:
        """What crossed which limit, and by how much."""
        return (
            f"{self.table}: {self.rule}: {self.subject}: {self.observed:,.10g} against "
            f"{self.previous:,.10g} in the last publication; moved {self.moved:.1%}, "
            f"the limit is {self.limit:.1%}"
        )

    def covers(self, other: "Hold") -> bool:
        """Whether the other is this very hold and no worse."""
        same = (self.table, self.rule, self.subject) == (other.table, other.rule, other.subject)
        return same and other.moved <= self.moved + ROUNDING


@dataclass(frozen=True)
class HoldRelease:
    """Who accepted which holds of which attempt, and why; ``at`` is ISO, UTC."""

    run_id: str
    at: str
    by: str
    reason: str
    version: str
    input_fingerprint: str
    compared_with: str | None
    holds: tuple[Hold, ...]

    def accepts(self, hold: Hold) -> bool:
        """Whether this hold was seen, no better than now, by whoever accepted."""
        return any(seen.covers(hold) for seen in self.holds)

    @property
    def told(self) -> str:
        """The accepted holds in one line."""
        return "; ".join(hold.text for hold in self.holds)


class NotReleasableError(LookupError):
    """Nothing is held, or nothing that a person may accept; the message says what to do."""


def last_attempt(layout: Layout) -> dict[str, Any] | None:
    """The row of the last run that published or held something."""
    rows = (run for run in reversed(outcomes.runs(layout)) if run["result"] in ATTEMPTS)
    return next(rows, None)


def given(layout: Layout) -> list[HoldRelease]:
    """Every acceptance so far, oldest first."""
    return [release_of(row) for row in read_json_lines(layout.outcomes / LOG)]


def release_of(row: Mapping[str, Any]) -> HoldRelease:
    """An acceptance as it stands in its log and in a manifest."""
    return HoldRelease(**{**row, "holds": holds_of(row["holds"])})


def holds_of(rows: Any) -> tuple[Hold, ...]:
    """Holds as they stand in a run's row."""
    return tuple(Hold(**row) for row in rows or ())


def standing(layout: Layout, fingerprint: str, current: str | None) -> HoldRelease | None:
    """The acceptance that holds for a run with these inputs, compared with this publication."""
    last = last_attempt(layout)
    if last is None or last["result"] != "held":
        return None
    found = [release for release in given(layout) if release.run_id == last["run_id"]]
    if not found or (found[-1].input_fingerprint, found[-1].compared_with) != (
        fingerprint,
        current,
    ):
        return None
    return found[-1]


def accept_last(layout: Layout, current: str | None, by: str, reason: str, at: str) -> HoldRelease:
    """Accept exactly what the last held attempt named.

    Args:
        layout: the state root, held by the caller.
        current: the version that readers see.
        by: the name of whoever accepts; it is published.
        reason: why; it is published.
        at: the moment, ISO, UTC.

    Raises:
        ValueError: no name or no reason.
        NotReleasableError: nothing is held, an error holds it, or it was accepted before.
    """
    by, reason = " ".join(by.split()), " ".join(reason.split())
    if not by or not reason:
        raise ValueError("Say who accepts (--by) and why (--reason); both are published.")
    held = _releasable(layout, current)
    release = HoldRelease(
        run_id=held["run_id"],
        at=at,
        by=by,
        reason=reason,
        version=held["version"],
        input_fingerprint=held["input_fingerprint"],
        compared_with=held["compared_with"],
        holds=holds_of(held["holds"]),
    )
    append_json_line(layout.outcomes / LOG, asdict(release))
    return release


def _releasable(layout: Layout, current: str | None) -> dict[str, Any]:
    """The last attempt, when a person may accept it."""
    held = last_attempt(layout)
    if held is None or held["result"] != "held":
        raise NotReleasableError("Nothing is held: klimamonitor status.")
    if not held.get("holds"):
        raise NotReleasableError(
            f"Attempt {held['version']} is held by an error, and no error is ever released: "
            f"{held['reason']}. Mend it, then: klimamonitor refresh."
        )
    if held["compared_with"] != current:
        raise NotReleasableError(
            f"Attempt {held['version']} was compared with {held['compared_with']}, and readers see "
            f"{current} now. Compare again: klimamonitor refresh."
        )
    earlier = [release for release in given(layout) if release.run_id == held["run_id"]]
    if earlier:
        raise NotReleasableError(
            f"Attempt {held['version']} was released by {earlier[-1].by} at {earlier[-1].at}. "
            "Publish it: klimamonitor refresh."
        )
    return held
