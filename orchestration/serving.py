"""Keeping PostgreSQL at the publication that readers of files see, and telling how that went.

The publication on disk is what a run makes; PostgreSQL follows it. Trouble there is told in
``status`` and in an outcome row, and the next run tries again; it never changes how a run ended.
"""

import time
from typing import Any

from orchestration.settings import Settings
from warehouse import outcomes, publications
from warehouse.outcomes import ServingRecord

SERVED = frozenset({"loaded", "unchanged"})


def serve_current(settings: Settings, run_id: str) -> ServingRecord | None:
    """Load the current publication into PostgreSQL unless it is served already.

    Returns:
        How it went; None without an address or without a publication.
    """
    manifest = publications.current_manifest(settings.layout)
    if settings.postgres_dsn is None or manifest is None:
        return None
    version, started = manifest["version"], time.monotonic()
    result, reason = _serve(settings, settings.postgres_dsn, version)
    seconds = round(time.monotonic() - started, 3)
    row = ServingRecord(run_id, settings.now().isoformat(), result, version, reason, seconds)
    outcomes.record_serving(settings.layout, row)
    return row


def _serve(settings: Settings, dsn: str, version: str) -> tuple[str, str]:
    """Result and reason of one look."""
    from warehouse.postgres import Address, PostponedError, ServingError, serve
    from warehouse.serving_plan import UnservableError

    try:
        loaded = serve(Address.parse(dsn), settings.layout.publications / version)
    except PostponedError as error:
        return "postponed", str(error)
    except (ServingError, UnservableError, LookupError) as error:
        return "failed", str(error)
    return ("loaded" if loaded else "unchanged"), ""


def serving_report(settings: Settings) -> dict[str, Any]:
    """What PostgreSQL serves as far as the last look knows.

    ``state`` is ``not_configured``, ``served`` (the current publication), or ``behind``.
    """
    rows = outcomes.servings(settings.layout)
    last = rows[-1] if rows else None
    good = [row.version for row in rows if row.result in SERVED]
    current = (publications.current_manifest(settings.layout) or {}).get("version")
    is_served = last is not None and last.result in SERVED and last.version == current
    state = "served" if is_served else "behind"
    return {
        "state": state if settings.postgres_dsn else "not_configured",
        "version": good[-1] if good else None,
        "last_result": last.result if last else None,
        "last_looked_at": last.at if last else None,
        "reason": last.reason if last else "",
    }
