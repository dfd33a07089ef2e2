"""Accepting what holds a publication: by name, with a reason, for one publication, in the open."""

from orchestration.settings import Settings
from warehouse import holds
from warehouse.holds import HoldRelease
from warehouse.publications import current_manifest
from warehouse.run_lock import run_lock


def release_held(settings: Settings, reason: str, by: str) -> HoldRelease:
    """Accept exactly what the last held attempt named, while no run is writing.

    Raises:
        ValueError: no name or no reason.
        NotReleasableError: nothing is held that a person may accept.
        RunInProgressError: a run holds the state root.
    """
    layout = settings.layout
    with run_lock(layout.run_lock, "release"):
        manifest = current_manifest(layout)
        current = manifest["version"] if manifest else None
        return holds.accept_last(layout, current, by, reason, settings.now().isoformat())


def held_live(settings: Settings) -> bool:
    """Whether the last attempt asked the providers: who accepts it runs with its inputs."""
    last = holds.last_attempt(settings.layout)
    return last is not None and last["transport"] == "live"
