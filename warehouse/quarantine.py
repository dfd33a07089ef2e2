"""Refused releases: which bytes, when, and why. The bytes themselves stay in the landing store."""

from warehouse.durable import write_json
from warehouse.layout import Layout


def quarantine(
    layout: Layout, source_id: str, release_id: str, at: str, code: str, reason: str, hint: str
) -> None:
    """Record a refusal; a release refused again for the same reason is one record."""
    record = {
        "source_id": source_id,
        "release_id": release_id,
        "quarantined_at": at,
        "code": code,
        "reason": reason,
        "hint": hint,
    }
    path = layout.quarantine / source_id / f"{release_id[:12]}-{code}.json"
    if not path.exists():
        write_json(path, record)
