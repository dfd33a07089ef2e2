"""The command that tells who meets which requirement on a date, and on what evidence."""

from datetime import date, datetime
from typing import Any

import click

from orchestration import telling
from orchestration.cli_options import JSON, command_settings

COLOURS = {"met": "green", "not_met": "red", "pending": "yellow", "waived": "cyan"}


@click.command()
@click.option(
    "--as-of",
    "as_of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Judge on this date; the day of the publication when left out.",
)
@click.option("--municipality", help="Four-digit code, such as 0147; every member when left out.")
@click.option("--year", type=int, help="The year that is judged; the newest when left out.")
@click.option("--publication", "version", help="A version; the current one when left out.")
@JSON
def requirements(
    *,
    as_of: datetime | None,
    municipality: str | None,
    year: int | None,
    version: str | None,
    as_json: bool,
) -> None:
    """Who meets which requirement on a date, with the evidence beside each status."""
    from warehouse.requirements import NoRequirementsError, requirements_on

    day = as_of.date() if as_of else None
    code = municipality.zfill(4) if municipality else None
    try:
        found = requirements_on(command_settings().layout, day, code, year, version)
    except NoRequirementsError as error:
        raise click.ClickException(str(error)) from error
    telling.answer(found, _show, as_json=as_json)


def _show(found: dict[str, Any]) -> None:
    click.echo(f"Krav pr. {_day(found['as_of'])} efter udgivelsen {found['version']}.")
    if found["is_after_run"]:
        click.echo(
            f"Datoen ligger efter {_day(found['run_date'])}: sådan ser det ud, "
            "hvis der ikke indføres mere."
        )
    if found["as_of"].year > found["newest_year"]:
        click.echo(f"Udgivelsen rækker til og med {found['newest_year']}.")
    municipality = None
    for row in found["requirements"]:
        if row["municipality_code"] != municipality:
            municipality = row["municipality_code"]
            click.echo()
            membership = _membership(row)
            told = f"{municipality} {row['municipality_name_da']}, {row['year']}{membership}"
            click.secho(told, bold=True)
        _show_requirement(row)
    rules = sorted({row["rule_status_da"] for row in found["requirements"]} - {None})
    if rules:
        click.echo(f"\nReglerne er: {'; '.join(rules)}.")


def _membership(row: dict[str, Any]) -> str:
    """What the register says of a membership that is not confirmed; nothing of one that is."""
    name = row.get("membership_status_name_da")
    return f" ({name.lower()})" if name and not row["is_membership_confirmed"] else ""


def _show_requirement(row: dict[str, Any]) -> None:
    status = click.style(row["status_name_da"].ljust(14), fg=COLOURS.get(row["status"]), bold=True)
    mark = "  (eksempel)" if row["is_example"] else ""
    click.echo(f"  {row['requirement']} {row['requirement_name_da'].ljust(32)} {status}{mark}")
    click.echo(f"      {row['reason_da']}")
    if row["waiver_evidence"]:
        expires = _day(row["waiver_expires_date"])
        click.echo(f"      Dispensation til og med {expires}: {row['waiver_evidence']}")
    if row["reply_remark_da"]:
        received = _day(row["reply_received_date"])
        click.echo(f"      Kommunens bemærkning {received}: {row['reply_remark_da']}")
    for part in row["evidence"]:
        click.echo(
            f"      {_day(part['evidence_date'])}  {part['part_name_da']}: {part['what_da']}. "
            f"{part['counts_da']}"
        )
        click.echo(f"                  {part['source_ref']}")


def _day(day: date) -> str:
    return day.isoformat()
