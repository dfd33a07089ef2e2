"""What the answers of each source looked like, and how they drifted; append-only.

``shapes/<source id>.jsonl`` has the shape of every accepted release, ``outcomes/drift.jsonl`` a row
for every difference that was seen, once for each release.
"""

from dataclasses import asdict, dataclass
from typing import Any

from warehouse.durable import append_json_line, read_json_lines
from warehouse.layout import Layout
from warehouse.outcomes import DRIFT


@dataclass(frozen=True)
class DriftRecord:
    """One difference of one answer; ``release_id`` is None when nothing could be fetched."""

    run_id: str
    source_id: str
    release_id: str | None
    at: str
    kind: str
    policy: str
    what: str
    edits: tuple[dict[str, Any], ...] = ()

    @property
    def same(self) -> tuple[str | None, ...]:
        """What makes two rows the same difference."""
        return (self.source_id, self.release_id, self.kind, self.what)


def keep_shape(layout: Layout, source_id: str, release_id: str, shape: dict[str, Any]) -> None:
    """Note the shape of a release that is accepted now."""
    row = {"release_id": release_id, "shape": shape}
    append_json_line(layout.shapes / f"{source_id}.jsonl", row)


def shape_in_force(layout: Layout, source_id: str) -> dict[str, Any] | None:
    """The shape of the release that was accepted last; None when none was kept."""
    rows = list(read_json_lines(layout.shapes / f"{source_id}.jsonl"))
    return rows[-1]["shape"] if rows else None


def record_drift(layout: Layout, found: list[DriftRecord]) -> None:
    """Append what is not there yet."""
    known = {row.same for row in drift_records(layout)} if found else set()
    for row in found:
        if row.same not in known:
            append_json_line(layout.outcomes / f"{DRIFT}.jsonl", asdict(row))


def drift_records(layout: Layout) -> list[DriftRecord]:
    """Every difference so far, oldest first."""
    rows = read_json_lines(layout.outcomes / f"{DRIFT}.jsonl")
    return [DriftRecord(**{**row, "edits": tuple(row["edits"])}) for row in rows]
