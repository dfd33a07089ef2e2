"""What readers saw when: an append-only row for every move of ``current``.

The pointer moves first and its row follows. A move that got no row, because its process died or
somebody moved the pointer by hand, is noticed by the next start: a version that was never current
is taken to be so since it was published, any other since the pointer's own time stamp. A pointer
moved by hand and back between two starts leaves no trace.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from warehouse import outcomes
from warehouse.days import day_of, moment_of
from warehouse.durable import append_json_line, read_json_lines
from warehouse.layout import Layout
from warehouse.publications import current_manifest, versions

ASSUMED, PUBLISHED, FOUND = "assumed", "published", "found moved"


def moves(layout: Layout) -> list[dict[str, Any]]:
    """Every move so far, in the order they were noted: version, at (ISO, UTC), how."""
    return list(read_json_lines(_log(layout)))


def note_current(layout: Layout, now: datetime, how: str | None = None) -> None:
    """Note where the pointer stands, unless that is known.

    Args:
        layout: the state root, held by the caller.
        now: the clock.
        how: what has just moved the pointer at ``now``; None when the caller does not know.
    """
    version = _pointed_at(layout)
    if version is None:
        return
    known = moves(layout) or _assumed(layout, version)
    if known and known[-1]["version"] == version:
        return
    if any(move["version"] == version for move in known):
        at = now if how else _moved_at(layout, known[-1], now)
        _note(layout, version, at, how or FOUND)
    else:
        manifest = current_manifest(layout) or {}
        at = now if how or not manifest else moment_of(manifest["published_at"])
        _note(layout, version, at, how or PUBLISHED)


def current_on(layout: Layout, day: date) -> dict[str, Any] | None:
    """The last move noted for a day in Denmark or before: what readers saw when it ended.

    The order of the rows counts, not that of their stamps: a clock may have been set.
    """
    earlier = [move for move in moves(layout) if day_of(move["at"]) <= day]
    return earlier[-1] if earlier else None


def _log(layout: Layout) -> Path:
    return layout.history / "current.jsonl"


def _note(layout: Layout, version: str, at: datetime, how: str) -> None:
    row = {"version": version, "at": at.astimezone(UTC).isoformat(), "how": how}
    append_json_line(_log(layout), row)


def _pointed_at(layout: Layout) -> str | None:
    """The version behind ``current``; in a copied root it may be a folder instead of a link."""
    if layout.current.is_symlink():
        return layout.current.readlink().name
    manifest = current_manifest(layout)
    return manifest["version"] if manifest else None


def _moved_at(layout: Layout, last: dict[str, Any], now: datetime) -> datetime:
    """When the pointer was moved, as its own stamp says; never before its last known move."""
    stamp = datetime.fromtimestamp(layout.current.lstat().st_mtime, UTC)
    return min(now, max(stamp, moment_of(last["at"])))


def _assumed(layout: Layout, current: str) -> list[dict[str, Any]]:
    """Without any row: each publication is taken to have been current since it was made."""
    made = {manifest["version"]: manifest for manifest in versions(layout)}
    published = [run["version"] for run in outcomes.runs(layout) if run["result"] == "published"]
    earlier = [made[version] for version in published if version in made and version != current]
    for manifest in earlier:
        _note(layout, manifest["version"], moment_of(manifest["published_at"]), ASSUMED)
    return moves(layout)
