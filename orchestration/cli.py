"""The ``klimamonitor`` command. Thin: every command calls one function and tells the result."""

import click

from orchestration import telling
from orchestration.cli_changes import diff, verify
from orchestration.cli_explain import explain
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
    explain,
    diff,
    verify,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
