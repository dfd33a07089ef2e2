"""Opening and closing a run: the lock, what dead runs left, and what follows however it ended."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from orchestration import machine
from orchestration.alerts import tell_after_run
from orchestration.intake import EVERYTHING, Scope
from orchestration.keeping import history_after_publishing, put_right_at_start
from orchestration.logs import about
from orchestration.run import RefreshRun
from orchestration.run_history import forget_old_runs
from orchestration.serving import serve_current
from orchestration.settings import Settings
from orchestration.step_clock import Told
from warehouse import failpoints
from warehouse.recovery import recover
from warehouse.run_lock import run_lock


@contextmanager
def opened(
    settings: Settings,
    *,
    force: bool = False,
    told: Told | None = None,
    scope: Scope = EVERYTHING,
) -> Iterator[RefreshRun]:
    """A run that holds the state root; the litter of dead runs is gone.

    Raises:
        RunInProgressError: another run holds it.
    """
    told = told or (lambda _stage, _item: None)
    run = RefreshRun(settings, force=force, told=told, scope=scope)
    plan = failpoints.plan(settings.failpoint) if settings.failpoint else None
    with (
        about(run=run.run_id),
        failpoints.armed(plan),
        run_lock(settings.layout.run_lock, run.run_id),
    ):
        settings.layout.prepare()
        recover(settings.layout)
        run.damage = put_right_at_start(settings, run.run_id)
        try:
            yield run
        except BaseException as error:
            run.conclude(machine.told(error))
            tell_after_run(settings)
            run.export_spans()
            raise
        if run.conclude().result == "published":
            history_after_publishing(settings)
            forget_old_runs(settings.layout)
            # A held or failed build is kept until the next run, for whoever wants to look at it.
            shutil.rmtree(run.draft.folder)
        if settings.postgres_dsn:
            run.told("serve", "PostgreSQL")
            serve_current(settings, run.run_id)
        tell_after_run(settings)
        run.export_spans()
