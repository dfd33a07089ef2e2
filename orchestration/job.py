"""The main job from the command line: the light look first, Dagster only when there is news."""

import gc
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from orchestration.intake import EVERYTHING, Scope
from orchestration.open_run import opened
from orchestration.run import RefreshRun, RunResult
from orchestration.settings import Settings
from orchestration.step_clock import Told
from warehouse.durable import write_bytes

# One transaction per event costs 10 ms; a run has about 450 events.
EVENTS_WRITTEN_TOGETHER = "1000"
DAGSTER_YAML = """\
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  pools: {default_limit: 1, granularity: run}
  runs: {max_concurrent_runs: 1}
"""
DAGSTER_POSTGRES = "KLIMAMONITOR_DAGSTER_STORAGE"
POSTGRES_YAML = f"""\
storage:
  postgres:
    postgres_url: {{env: {DAGSTER_POSTGRES}}}
"""


def refresh(settings: Settings, *, force: bool, told: Told, scope: Scope = EVERYTHING) -> RunResult:
    """Run the main job once.

    Args:
        settings: state root, transport, addresses.
        force: fetch and build even without news.
        told: is given stage and item of every step.
        scope: what to look at; sources out of it keep what was found last.

    Raises:
        RunInProgressError: another run holds the state root.
    """
    with collecting_rarely(), opened(settings, force=force, told=told, scope=scope) as run:
        if run.has_news():
            from expectations.judge import judging_beside

            with judging_beside():
                _execute(settings, run)
    if run.result is None:
        raise RuntimeError("the run was closed without a result")
    return run.result


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Look for cycles among new objects 70 times less often: Dagster's and dbt's imports make
    millions of objects that stay, and looking through them took a tenth of a run.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def prepare_dagster_home(settings: Settings) -> None:
    """Make Dagster's home under the state root and point Dagster at it.

    With an address of PostgreSQL, Dagster keeps its storage there; the address, which holds a
    password, stays in the environment.
    """
    text = DAGSTER_YAML
    if settings.dagster_postgres_dsn:
        text += POSTGRES_YAML
        os.environ[DAGSTER_POSTGRES] = re.sub(
            "^postgres(ql)?:", "postgresql+psycopg2:", settings.dagster_postgres_dsn
        )
    path = settings.layout.dagster / "dagster.yaml"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_bytes(path, text.encode())
    os.environ["DAGSTER_HOME"] = str(settings.layout.dagster)


def _execute(settings: Settings, run: RefreshRun) -> None:
    """The job in this process, recorded where the web server finds it."""
    prepare_dagster_home(settings)
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", EVENTS_WRITTEN_TOGETHER)
    import dagster as dg

    from orchestration.definitions import defs, nightly_refresh
    from orchestration.event_log import opened_instance
    from orchestration.night import NIGHT, tags_of

    quiet: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with opened_instance(settings.layout.dagster) as instance:
        done = defs.resolve_job_def(nightly_refresh.name).execute_in_process(
            instance=instance,
            run_config=quiet,
            raise_on_error=False,
            resources={NIGHT: dg.ResourceDefinition.hardcoded_resource(run)},
        )
        instance.add_run_tags(done.run_id, tags_of(run))
    if run.result is None and not done.success:
        run.fail(_step_failures(done.all_events))


def _step_failures(events: Sequence[Any]) -> list[str]:
    """What went wrong in each failed step, in the words of the innermost cause."""
    errors = [e.step_failure_data.error for e in events if e.event_type_value == "STEP_FAILURE"]
    return [" ".join((error.cause or error).message.split())[:1000] for error in errors if error]
