"""The commands that run the main job: in full, and after accepting what it was held for."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration import machine, telling, telling_nights
from orchestration.cli_options import JSON, command_settings
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.intake import Scope


@click.command()
@click.option("--live", is_flag=True, help="Ask the providers, not the embedded snapshot.")
@click.option("--force", is_flag=True, help="Fetch and build even when nothing changed.")
@click.option("--source", "only", multiple=True, help="Look at this source only; may be repeated.")
@click.option("--months", help="Of sources by the hour: fetch these again, as 2024M01:2024M06.")
@JSON
def refresh(
    *, live: bool, force: bool, only: tuple[str, ...], months: str | None, as_json: bool
) -> None:
    """Run the main job: look, take in, build, audit, publish.

    Exit status 0: published or unchanged. 3: held by a gate, the old publication stands. 1: failed.
    """
    from ingestion.errors import DeclarationError

    try:
        scope = _scope(only, months)
    except (DeclarationError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    _run_and_tell(command_settings(live=live), force=force, as_json=as_json, scope=scope)


def _scope(only: tuple[str, ...], months: str | None) -> "Scope":
    """What the options ask for.

    Raises:
        DeclarationError: there is no such source.
        ValueError: the months are none, or no source that is asked has them.
    """
    from ingestion.declaration import load_sources, source_by_id
    from ingestion.windows import months_of
    from orchestration.intake import Scope

    sources = [source_by_id(source_id) for source_id in only]
    wanted = frozenset(months_of(months)) if months else frozenset[str]()
    offered = [source.windows.first for source in sources or load_sources() if source.windows]
    if wanted and not any(first <= max(wanted) for first in offered):
        first = f" before {min(offered)}" if offered else ", for none of these is by the hour"
        raise ValueError(f"--months {months}: there is nothing to fetch{first}.")
    return Scope(frozenset(source.id for source in sources), wanted)


@click.command()
@click.option("--reason", required=True, help="Why the figures are right; it is published.")
@click.option("--by", required=True, help="Name of whoever accepts; it is published.")
@JSON
def release(*, reason: str, by: str, as_json: bool) -> None:
    """Accept what the last attempt was held for, for one publication, and run the main job.

    Only limits against the last publication can be accepted, never an error. Other inputs than
    those that were held need another look: the acceptance does not count for them.

    Exit status 0: published. 3: held for something else. 1: nothing to accept, or failed.
    """
    from orchestration.releasing import held_live, release_held
    from warehouse.holds import NotReleasableError
    from warehouse.run_lock import RunInProgressError

    settings = command_settings(live=held_live(command_settings()))
    try:
        given = release_held(settings, reason, by)
    except (ValueError, NotReleasableError, RunInProgressError, OSError) as error:
        raise click.ClickException(str(error)) from error
    _run_and_tell(settings, force=False, as_json=as_json, accepted=asdict(given))


@click.command()
@click.option("--run-every", default=26.0, show_default=True, help="Hours between two runs.")
@click.option("--longest-run", default=6.0, show_default=True, help="Hours that a run may take.")
@JSON
def watch(*, run_every: float, longest_run: float, as_json: bool) -> None:
    """Look from outside whether the schedule is alive, and tell once when it is not.

    For cron or a systemd timer, beside whatever starts the runs. Exit status 0: alive. 1: not.
    """
    from orchestration.watching import Limits
    from orchestration.watching import watch as look

    found = look(command_settings(), Limits(run_every, longest_run))
    telling.answer(found, telling_nights.show_watch, as_json=as_json)
    sys.exit(0 if found["is_well"] else 1)


@click.command()
@click.option("--last", default=10, show_default=True, help="How many runs.")
@JSON
def runs(*, last: int, as_json: bool) -> None:
    """The last runs: how they ended, how long each stage took, which were slower than usual."""
    from orchestration.run_report import run_report

    telling.answer(
        run_report(command_settings().layout, last), telling_nights.show_runs, as_json=as_json
    )


def _run_and_tell(
    settings: Settings, *, force: bool, as_json: bool, scope: "Scope | None" = None, **more: Any
) -> None:
    """Run the main job, tell how it ended, and end with its exit status."""
    from orchestration.intake import EVERYTHING
    from orchestration.job import refresh as run_job
    from warehouse.layout import StateRootError
    from warehouse.run_lock import RunInProgressError

    try:
        with telling.progress(quiet=as_json) as told:
            result = run_job(settings, force=force, told=told, scope=scope or EVERYTHING)
    except (RunInProgressError, StateRootError) as error:
        raise click.ClickException(str(error)) from error
    except Exception as error:
        raise click.ClickException(_trouble(settings.home, error)) from error
    answer = {**telling.refresh_answer(settings, result), **more}
    telling.answer(answer, telling.show_refresh, as_json=as_json)
    sys.exit(result.exit_code)


def _trouble(home: Path, error: Exception) -> str:
    """What broke outside the steps of a run, in a sentence; what is nobody's fault is raised.

    Raises:
        Exception: neither the disk nor the memory is at fault.
    """
    advice = machine.hint(machine.told(error), home)
    if advice is None and not isinstance(error, OSError):
        raise error
    broke = f"The state root {home} cannot be written: {error}."
    if isinstance(error, MemoryError):
        broke = "The run needs more memory than there is."
    told = f"{broke} {advice}" if advice else broke
    return f"{told} Readers see what they saw before."
