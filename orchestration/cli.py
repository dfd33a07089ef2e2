"""The ``klimamonitor`` command. Thin: every command calls one function and tells the result."""

from typing import Any

import click

from orchestration import telling
from orchestration.cli_changes import diff, verify
from orchestration.cli_history import HISTORY_COMMANDS
from orchestration.cli_machine import backup, doctor, restore
from orchestration.cli_options import JSON, command_settings
from orchestration.cli_requirements import requirements
from orchestration.cli_run import refresh, release, runs, watch
from orchestration.cli_sources import new_source, sources
from orchestration.cli_submissions import COMMANDS


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="klimamonitor")
def main() -> None:
    """The monitoring warehouse of the Danish climate alliance of municipalities."""


@main.command()
@JSON
def status(*, as_json: bool) -> None:
    """Current publication, freshness per source, quarantine, and what is held and why."""
    from orchestration.reports import status_report

    telling.answer(status_report(command_settings()), telling.show_status, as_json=as_json)


@main.command()
@click.option("--municipality", required=True, help="Four-digit code, such as 0101.")
@click.option(
    "--indicator",
    required=True,
    help="Indicator, such as ghg_danish_account, or measure, such as gap_to_path.",
)
@click.option("--year", required=True, type=int)
@click.option("--of", help="Of a measure: which path, indicator or target.")
@click.option("--publication", "version", help="A version; the current one when left out.")
@JSON
def explain(
    *,
    municipality: str,
    indicator: str,
    year: int,
    of: str | None,
    version: str | None,
    as_json: bool,
) -> None:
    """Follow a published number through its formula to its providers' rows."""
    from warehouse.explain import NothingToExplainError
    from warehouse.explain_measure import follow

    layout = command_settings().layout
    try:
        found: dict[str, Any] = follow(layout, municipality.zfill(4), indicator, year, version, of)
    except NothingToExplainError as error:
        raise click.ClickException(str(error)) from error
    show = telling.show_measure if "measure" in found else telling.show_explanation
    telling.answer(found, show, as_json=as_json)


for command in (
    refresh,
    release,
    runs,
    watch,
    doctor,
    backup,
    restore,
    sources,
    new_source,
    *COMMANDS,
    *HISTORY_COMMANDS,
    requirements,
    diff,
    verify,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
