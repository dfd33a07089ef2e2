"""Which publications are kept, and the deletion of the others.

The rule is ``retention.yml``. Pins are rows of ``history/pins.jsonl``, deletions of
``history/deleted.jsonl``; both are append-only.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from warehouse import history, publications
from warehouse.days import COPENHAGEN, day_of, moment_of
from warehouse.durable import TEMPORARY, append_json_line, fsync_folder, read_json_lines
from warehouse.layout import Layout

REGISTER = Path(__file__).with_name("retention.yml")
PERIODS = {"month": "%Y-%m", "year": "%Y"}


@dataclass(frozen=True)
class Rule:
    """All publications of the last ``days``, before that the last one of each ``period``."""

    days: int
    period: str

    def __str__(self) -> str:
        return f"all for {self.days} days, then the last of each {self.period}"


@dataclass(frozen=True)
class Keeping:
    """Why a publication is kept on a day, and until when; no end is None."""

    version: str
    reasons: tuple[str, ...]
    until: date | None
    pin: dict[str, Any] | None


@cache
def retention_rule(path: Path = REGISTER) -> Rule:
    """The rule in force.

    Raises:
        ValueError: the file says something else than a number of days and a month or a year.
    """
    import yaml

    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    days, period = told["every_publication_for_days"], told["then_the_last_of_each"]
    if not isinstance(days, int) or days < 1 or period not in PERIODS:
        raise ValueError(f"{path}: write a number of days from 1, and one of {', '.join(PERIODS)}.")
    return Rule(days, period)


def pins(layout: Layout) -> dict[str, dict[str, Any]]:
    """Version → its pin in force: at, by, reason."""
    last = {row["version"]: row for row in read_json_lines(_pin_log(layout))}
    return {version: row for version, row in last.items() if row["is_pinned"]}


def pin(layout: Layout, version: str, reason: str, by: str | None, now: datetime) -> None:
    """Keep a publication for ever.

    Raises:
        LookupError: there is no such publication.
    """
    publications.require_version(layout, version)
    _write_pin(layout, version, is_pinned=True, reason=reason, by=by, now=now)


def unpin(layout: Layout, version: str, by: str | None, now: datetime) -> None:
    """Leave a publication to the rule again.

    Raises:
        LookupError: it is not pinned.
    """
    if version not in pins(layout):
        raise LookupError(f"Publication {version} is not pinned.")
    _write_pin(layout, version, is_pinned=False, reason=None, by=by, now=now)


def keepings(layout: Layout, now: datetime, rule: Rule | None = None) -> list[Keeping]:
    """Every publication, oldest first; one without a reason may be deleted."""
    rule = rule or retention_rule()
    made = publications.versions(layout)
    pinned, last = pins(layout), _last_of_periods(made, rule.period)
    current = (publications.current_manifest(layout) or {}).get("version")
    waiting = set(history.unrecorded(layout)) | {
        row["version"] for row in history.recorded(layout) if row["outcome"] == history.UNREADABLE
    }
    today = now.astimezone(COPENHAGEN).date()
    kept = []
    for manifest in made:
        version, ends = manifest["version"], day_of(manifest["published_at"]) + _days(rule)
        for_ever = {
            "current": version == current,
            "pinned": version in pinned,
            "not in the history": version in waiting,
            f"last of its {rule.period}": version in last,
        }
        reasons = [reason for reason, holds in for_ever.items() if holds]
        until = None if reasons else ends
        if today < ends:
            reasons.append(f"within {rule.days} days")
        kept.append(Keeping(version, tuple(reasons), until, pinned.get(version)))
    return kept


def apply_retention(layout: Layout, now: datetime, rule: Rule | None = None) -> list[str]:
    """Delete the publications that nothing keeps; return their versions.

    Each deletion is a row first, then a rename, then the removal: one that was interrupted is
    taken up by the next run.
    """
    rule = rule or retention_rule()
    removed = [kept.version for kept in keepings(layout, now, rule) if not kept.reasons]
    known = publications.deletions(layout)
    for version in removed:
        if version not in known:
            deleted_on = str(now.astimezone(COPENHAGEN).date())
            row = {"version": version, "at": _stamp(now), "deleted_on": deleted_on}
            append_json_line(layout.history / publications.DELETIONS, {**row, "rule": str(rule)})
        aside = layout.publications / f"{TEMPORARY}{version}"
        (layout.publications / version).rename(aside)
        fsync_folder(layout.publications)
        shutil.rmtree(aside)
    return removed


def _days(rule: Rule) -> timedelta:
    return timedelta(days=rule.days)


def _last_of_periods(made: Iterable[dict[str, Any]], period: str) -> set[str]:
    """The newest publication of each month or year, in Denmark."""
    last: dict[str, str] = {}
    for manifest in sorted(made, key=lambda m: (moment_of(m["published_at"]), m["version"])):
        last[day_of(manifest["published_at"]).strftime(PERIODS[period])] = manifest["version"]
    return set(last.values())


def _pin_log(layout: Layout) -> Path:
    return layout.history / "pins.jsonl"


def _write_pin(
    layout: Layout,
    version: str,
    *,
    is_pinned: bool,
    reason: str | None,
    by: str | None,
    now: datetime,
) -> None:
    row = {"version": version, "is_pinned": is_pinned, "reason": reason, "by": by}
    append_json_line(_pin_log(layout), {**row, "at": _stamp(now)})


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).isoformat()
