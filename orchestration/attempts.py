"""Every earlier publication and held attempt, as rows of ``publication_log``."""

from typing import Any

from orchestration.source_states import naive
from warehouse import outcomes, publications
from warehouse.history import recorded
from warehouse.holds import HoldRelease, release_of
from warehouse.layout import Layout


def past_attempts(layout: Layout) -> list[dict[str, Any]]:
    """Publications from their manifests, those that are deleted from the history, held attempts
    from the run rows.
    """
    made = {manifest["version"]: manifest for manifest in publications.versions(layout)}
    deleted = publications.deletions(layout).keys() - made.keys()
    gone = [row for row in recorded(layout) if row["version"] in deleted]
    rows = [_published_row(manifest) for manifest in (*gone, *made.values())]
    return rows + [_held_row(run) for run in outcomes.runs(layout) if run["result"] == "held"]


def _published_row(manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": manifest["version"],
        "run_id": manifest["run_id"],
        "outcome": "published",
        "recorded_at": naive(manifest["published_at"]),
        "reason": None,
        "transport": manifest["transport"],
        "input_fingerprint": manifest["input_fingerprint"],
        "schema_version": manifest["schema_version"],
        **release_columns(release_of(release) if (release := manifest.get("release")) else None),
    }


def _held_row(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": run["version"],
        "run_id": run["run_id"],
        "outcome": "held",
        "recorded_at": naive(run["started_at"]),
        "reason": run["reason"],
        "transport": run["transport"],
        "input_fingerprint": run["input_fingerprint"],
        "schema_version": publications.SCHEMA_VERSION,
        **release_columns(None),
    }


def release_columns(release: HoldRelease | None) -> dict[str, Any]:
    """Who accepted what this publication was held for, and why."""
    return {
        "released_by": release.by if release else None,
        "released_at": naive(release.at) if release else None,
        "release_reason": release.reason if release else None,
        "released_holds": release.told if release else None,
    }
