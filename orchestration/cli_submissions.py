"""Commands for those who report and for the secretariat that receives."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from orchestration import telling
from orchestration.cli_options import JSON, command_settings
from orchestration.letter import letter

FILE = click.Path(exists=True, dir_okay=False, path_type=Path, readable=True)
REFUSED = 2


@contextmanager
def _judging() -> Iterator[None]:
    """Great Expectations is loaded beside this process, while files are opened."""
    from expectations.judge import judging_beside
    from expectations.verdict import GateBrokenError

    try:
        with judging_beside():
            yield
    except GateBrokenError as error:
        raise click.ClickException(f"The checks could not be made: {error}") from error


@click.command()
@click.option("--municipality", help="Four-digit code, such as 0147.")
@click.option("--registers", is_flag=True, help="The secretariat's registers instead of a report.")
@click.option("--year", type=int, help="The year that is reported on; this year for registers.")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A workbook (.xlsx), or a zip file of CSV sheets (.zip).",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def template(
    *, municipality: str | None, registers: bool, year: int | None, out: Path, force: bool
) -> None:
    """Write the reporting form of a municipality and year, prefilled."""
    from orchestration.prefill import make_template, template_years

    settings = command_settings()
    if (municipality is None) != registers or (year is None and not registers):
        raise click.UsageError("Give --municipality 0147 --year 2025, or --registers.")
    if out.exists() and not force:
        raise click.ClickException(f"{out} is there already; it may be filled in. Use --force.")
    years = template_years(settings)
    year = years[-1] if year is None else year
    if year not in years:
        raise click.ClickException(f"Reports are for {years[0]} to {years[-1]}, not {year}.")
    code = municipality.zfill(4) if municipality else None
    try:
        out.write_bytes(make_template(settings, code, year, as_csv=out.suffix == ".zip"))
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from error
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from error
    click.echo(f"{out} is ready for {code or 'the registers'}, {year}.")


@click.command()
@click.argument("file", type=FILE)
@JSON
def check(*, file: Path, as_json: bool) -> None:
    """Judge a submission without keeping it. Exit status 0: acceptable. 2: not."""
    from orchestration.checking import check_file

    with _judging():
        found = check_file(command_settings(), file)
    telling.answer(found, _show, as_json=as_json)
    sys.exit(0 if found["status"] == "acceptable" else REFUSED)


@click.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@JSON
def submit(*, files: tuple[Path, ...], as_json: bool) -> None:
    """Check, store, receipt. Exit status 0: accepted. 2: refused; what was in force stays so."""
    from orchestration.arrivals import read_arrival
    from orchestration.handing_in import hand_in

    settings = command_settings()
    settings.layout.prepare()
    with _judging():
        receipts = hand_in(settings, [read_arrival(path) for path in files])
    rows = [{**r.row(), "reply": r.reply(settings.layout)} for r in receipts]
    telling.answer(rows[0] if len(rows) == 1 else rows, _show, as_json=as_json)
    sys.exit(0 if all(row["status"] == "accepted" for row in rows) else REFUSED)


def _show(found: dict[str, Any] | list[dict[str, Any]]) -> None:
    rows = found if isinstance(found, list) else found.get("reports") or [found]
    for row in rows:
        click.echo(letter(row))
        for path in row.get("reply", []):
            click.echo(f"Svar: {path}")


@click.command()
@JSON
def submissions(*, as_json: bool) -> None:
    """Every submission and where it stands."""
    from orchestration.reports import submissions_report

    telling.answer(
        submissions_report(command_settings()), telling.show_submissions, as_json=as_json
    )


@click.command()
@click.argument("submission_id")
@click.option("--reason", required=True, help="Why; it is published.")
def withdraw(*, submission_id: str, reason: str) -> None:
    """Take an accepted submission out of force; the one before it counts again."""
    from ingestion.submissions.personal import without_addresses
    from warehouse import submissions as store

    settings = command_settings()
    if not reason.strip():
        raise click.UsageError("Say why, with --reason; the reason is published.")
    try:
        with store.deciding(settings.layout):
            at = settings.now().isoformat()
            store.withdraw(settings.layout, submission_id, at, without_addresses(reason.strip()))
    except store.SubmissionError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{submission_id} is withdrawn. The next refresh publishes without it.")


COMMANDS = (template, check, submit, submissions, withdraw)
