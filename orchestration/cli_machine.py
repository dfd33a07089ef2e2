"""The commands about the machine: is it ready, copy its state, bring it back."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from orchestration import telling
from orchestration.cli_options import JSON, command_settings

TARGET = click.Path(dir_okay=False, path_type=Path)
SOURCE = click.Path(exists=True, dir_okay=False, path_type=Path)
COLOURS = {"ok": "green", "warning": "yellow", "fault": "red"}


@click.command()
@click.option(
    "--online", is_flag=True, help="Also ask the providers and PostgreSQL, and send a trial alert."
)
@click.option("--live", is_flag=True, help="As for a night with --live.")
@JSON
def doctor(*, online: bool, live: bool, as_json: bool) -> None:
    """Is this machine ready for tonight? What is missing, and what to do.

    Exit status 0: no fault. 1: a fault that would end a night.
    """
    from orchestration.doctor import look_at_all

    checks = [asdict(check) for check in look_at_all(command_settings(live=live), is_online=online)]
    telling.answer(checks, _show_checks, as_json=as_json)
    sys.exit(1 if any(check["verdict"] == "fault" for check in checks) else 0)


def _show_checks(checks: list[dict[str, Any]]) -> None:
    for check in checks:
        word = click.style(check["verdict"].ljust(8), fg=COLOURS[check["verdict"]], bold=True)
        click.echo(f"{word} {check['name']}: {check['found']}")
        if check["verdict"] != "ok" and check["to_do"]:
            click.echo(click.wrap_text(check["to_do"], 100, " " * 9, " " * 9))


@click.command()
@click.argument("file", type=TARGET)
@JSON
def backup(*, file: Path, as_json: bool) -> None:
    """Copy the whole state root into FILE, a tar readable by its owner alone.

    It holds names and mail addresses of those who reported.
    """
    from warehouse.backup import BackupError, back_up
    from warehouse.run_lock import RunInProgressError

    settings = command_settings()
    try:
        copied = back_up(settings.layout, file, settings.now())
    except (BackupError, RunInProgressError, OSError) as error:
        raise click.ClickException(str(error)) from error
    telling.answer(asdict(copied), _show_copied, as_json=as_json)


@click.command()
@click.argument("file", type=SOURCE)
@JSON
def restore(*, file: Path, as_json: bool) -> None:
    """Bring a state root back from FILE, once every file in it is proven by its SHA-256.

    The state root must not be there yet. Afterwards `klimamonitor verify` builds a publication
    once more and compares.
    """
    from warehouse.backup import BackupError
    from warehouse.backup import restore as bring_back

    try:
        copied = bring_back(file, command_settings().home)
    except (BackupError, OSError) as error:
        raise click.ClickException(str(error)) from error
    telling.answer(asdict(copied), _show_copied, as_json=as_json)


def _show_copied(copied: dict[str, Any]) -> None:
    seen = copied["version"] or "no publication"
    click.echo(f"{copied['file']}: {copied['files']:,} files, {copied['size_bytes'] / 1e6:,.1f} MB")
    click.echo(f"copied {copied['created_at']}, when readers saw {seen}")
