"""What is done about history around a run, and what people ask of earlier publications."""

from pathlib import Path
from typing import Any

from orchestration.serving import serve_current
from orchestration.settings import Settings
from warehouse import history, publications, retention
from warehouse.damage import damage_of
from warehouse.pointer_log import note_current
from warehouse.recovery import put_pointer_right
from warehouse.run_lock import run_lock


def put_right_at_start(settings: Settings, run_id: str) -> str | None:
    """Finish what dead runs left: the pointer, its row, and publications not yet recorded.

    Returns:
        What was wrong with the publication that readers saw; None when nothing was.
    """
    layout, now = settings.layout, settings.now()
    note_current(layout, now)
    wrong = put_pointer_right(layout, run_id, now.isoformat())
    note_current(layout, now, wrong or "finished after its run had died")
    history.catch_up(layout, now)
    return wrong


def history_after_publishing(settings: Settings) -> None:
    """Record what was published, then delete what no rule keeps."""
    layout, now = settings.layout, settings.now()
    note_current(layout, now)
    history.catch_up(layout, now)
    retention.apply_retention(layout, now)


def publications_report(settings: Settings) -> list[dict[str, Any]]:
    """Every publication, oldest first, with what keeps it and what is damaged in it."""
    layout = settings.layout
    current = layout.current.resolve().name
    kept = {k.version: k for k in retention.keepings(layout, settings.now())}
    return [
        {
            **_facts_of(folder),
            **_kept(kept.get(folder.name)),
            "is_current": folder.name == current,
            "damage": list(damage_of(folder)),
        }
        for folder in publications.folders(layout)
    ]


def _facts_of(folder: Path) -> dict[str, Any]:
    manifest = publications.read_manifest(folder)
    unknown = dict.fromkeys(("published_at", "transport", "schema_version", "release"))
    known = publication_facts(manifest) if manifest else {**unknown, "tables": {}}
    return {**known, "version": folder.name}


def _kept(keeping: retention.Keeping | None) -> dict[str, Any]:
    if keeping is None:
        return {"pinned": None, "kept_until": None, "kept_because": []}
    return {
        "pinned": keeping.pin,
        "kept_until": keeping.until,
        "kept_because": list(keeping.reasons),
    }


def publication_facts(manifest: dict[str, Any]) -> dict[str, Any]:
    """What is told of a publication in a list."""
    return {
        "version": manifest["version"],
        "published_at": manifest["published_at"],
        "transport": manifest["transport"],
        "schema_version": manifest["schema_version"],
        "release": manifest.get("release"),
        "tables": {name: content["rows"] for name, content in manifest["tables"].items()},
    }


def rollback_to(settings: Settings, version: str) -> None:
    """Point readers back, while no run is writing; PostgreSQL follows.

    Raises:
        LookupError: no such publication, or one that is damaged.
        RunInProgressError: a run holds the state root.
    """
    layout, now = settings.layout, settings.now()
    with run_lock(layout.run_lock, "rollback"):
        note_current(layout, now)
        publications.rollback(layout, version)
        note_current(layout, now, "rolled back")
        serve_current(settings, "rollback")


def pin_version(settings: Settings, version: str, reason: str, by: str | None) -> None:
    """Keep a publication for ever, while no run is deleting.

    Raises:
        LookupError: no such publication.
        RunInProgressError: a run holds the state root.
    """
    with run_lock(settings.layout.run_lock, "pin"):
        retention.pin(settings.layout, version, reason, by, settings.now())


def unpin_version(settings: Settings, version: str, by: str | None) -> None:
    """Leave a publication to the retention rule again.

    Raises:
        LookupError: it is not pinned.
        RunInProgressError: a run holds the state root.
    """
    with run_lock(settings.layout.run_lock, "pin"):
        retention.unpin(settings.layout, version, by, settings.now())
