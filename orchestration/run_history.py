"""Dagster's own memory of runs, kept short: it grows by megabytes with every publication.

What was published and why is in the state root for ever; Dagster keeps the logs of the last runs.
"""

import logging
import shutil

from warehouse.layout import Layout

LOG = logging.getLogger(__name__)
# Two months of nights that all published.
RUNS_KEPT = 60


def forget_old_runs(layout: Layout) -> list[str]:
    """Delete what Dagster keeps of all but its last runs; return the ids of those that went.

    Trouble in this changes nothing about how a run ended; it is logged whole.
    """
    if not (layout.dagster / "dagster.yaml").exists():
        return []
    try:
        return _forget(layout)
    except Exception:
        LOG.exception("Dagster's old runs could not be deleted")
        return []


def _forget(layout: Layout) -> list[str]:
    from orchestration.event_log import opened_instance

    with opened_instance(layout.dagster) as instance:
        records = instance.get_run_records()
        old = [record.dagster_run.run_id for record in records[RUNS_KEPT:]]
        for run_id in old:
            instance.delete_run(run_id)
    # With SQLite each run has a file of its own, and every run a folder for what it printed.
    for run_id in old:
        for path in (layout.dagster / "history" / "runs").glob(f"{run_id}.db*"):
            path.unlink(missing_ok=True)
        shutil.rmtree(layout.dagster / "storage" / run_id, ignore_errors=True)
    return old
