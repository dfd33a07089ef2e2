"""What is done about history around a run, and what people ask of earlier publications."""

from typing import Any

from orchestration.settings import Settings
from warehouse import history, publications, retention
from warehouse.pointer_log import note_current
from warehouse.recovery import finish_publishing
from warehouse.run_lock import run_lock


def history_at_start(settings: Settings) -> None:
    """Finish what dead runs left: the pointer, its row, and publications not yet recorded."""
    layout, now = settings.layout, settings.now()
    note_current(layout, now)
    finished = finish_publishing(layout)
    note_current(layout, now, "finished after its run had died" if finished else None)
    history.catch_up(layout, now)


def history_after_publishing(settings: Settings) -> None:
    """Record what was published, then delete what no rule keeps."""
    layout, now = settings.layout, settings.now()
    note_current(layout, now)
    history.catch_up(layout, now)
    retention.apply_retention(layout, now)


def publications_report(settings: Settings) -> list[dict[str, Any]]:
    """Every publication, oldest first, the current one marked, with what keeps it."""
    current = (publications.current_manifest(settings.layout) or {}).get("version")
    kept = {k.version: k for k in retention.keepings(settings.layout, settings.now())}
    return [
        {
            **publication_facts(manifest),
            "is_current": manifest["version"] == current,
            "pinned": kept[manifest["version"]].pin,
            "kept_until": kept[manifest["version"]].until,
            "kept_because": list(kept[manifest["version"]].reasons),
        }
        for manifest in publications.versions(settings.layout)
    ]


def publication_facts(manifest: dict[str, Any]) -> dict[str, Any]:
    """What is told of a publication in a list."""
    return {
        "version": manifest["version"],
        "published_at": manifest["published_at"],
        "transport": manifest["transport"],
        "schema_version": manifest["schema_version"],
        "tables": {name: content["rows"] for name, content in manifest["tables"].items()},
    }


def rollback_to(settings: Settings, version: str) -> None:
    """Point readers back, while no run is writing.

    Raises:
        LookupError: no such publication.
        RunInProgressError: a run holds the state root.
    """
    layout, now = settings.layout, settings.now()
    with run_lock(layout.run_lock, "rollback"):
        note_current(layout, now)
        publications.rollback(layout, version)
        note_current(layout, now, "rolled back")


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
