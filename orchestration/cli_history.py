"""The commands about earlier publications: list, point back, pin, and look up as of a day."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from orchestration import telling
from orchestration.cli_options import JSON, command_settings
from warehouse.history import KEYS

MOST_DAMAGE = 3


@click.command()
@JSON
def publications(*, as_json: bool) -> None:
    """List all publications, newest last, with what keeps each of them."""
    from orchestration.keeping import publications_report

    telling.answer(publications_report(command_settings()), _show_publications, as_json=as_json)


@click.command()
@click.argument("version")
def rollback(version: str) -> None:
    """Point readers back to an earlier publication; nothing is deleted."""
    from orchestration.keeping import rollback_to
    from orchestration.serving import serving_report

    settings = command_settings()
    try:
        rollback_to(settings, version)
    except (LookupError, RuntimeError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Readers now see {version}. Later publications are kept.")
    telling.show_postgres(serving_report(settings))


@click.command()
@click.argument("version")
@click.option("--reason", required=True, help="Why it is kept, such as who quotes it.")
@click.option("--by", help="Who wants it kept.")
def pin(version: str, reason: str, by: str | None) -> None:
    """Keep a publication for ever, whatever the retention rule says."""
    from orchestration.keeping import pin_version

    try:
        pin_version(command_settings(), version, reason, by)
    except (LookupError, RuntimeError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{version} is kept until it is unpinned.")


@click.command()
@click.argument("version")
@click.option("--by", help="Who no longer needs it.")
def unpin(version: str, by: str | None) -> None:
    """Leave a pinned publication to the retention rule again."""
    from orchestration.keeping import unpin_version

    try:
        unpin_version(command_settings(), version, by)
    except (LookupError, RuntimeError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{version} is kept as long as the retention rule says.")


@click.command("as-of")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--municipality", help="Four-digit code, such as 0101.")
@click.option("--indicator", help="Indicator, such as ghg_danish_account.")
@click.option("--year", type=int)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=".csv or .parquet.")
@click.option("--table", type=click.Choice(list(KEYS)), default="fct_indicator", show_default=True)
@JSON
def as_of(
    *,
    day: datetime,
    municipality: str | None,
    indicator: str | None,
    year: int | None,
    out: Path | None,
    table: str,
    as_json: bool,
) -> None:
    """What readers saw when a day ended (Danish time): one number, or with --out a whole table."""
    from warehouse import as_of as reading

    settings = command_settings()
    known = settings.layout, day.date(), settings.today()
    try:
        if out is not None:
            written = reading.write_table(*known, table, out)
            telling.answer(written, _show_written, as_json=as_json)
        elif municipality is None or indicator is None or year is None:
            raise click.UsageError("Give --municipality, --indicator and --year, or --out FILE.")
        else:
            found = reading.number_on(*known, municipality.zfill(4), indicator, year)
            telling.answer(found, _show_number, as_json=as_json)
    except (reading.NotKnownError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _show_publications(found: list[dict[str, Any]]) -> None:
    """One line per publication, the current one marked."""
    if not found:
        click.echo("No publication yet. Make one with: klimamonitor refresh")
        return
    rows = [
        [
            "*" if p["is_current"] else "",
            p["version"],
            p["published_at"] or "-",
            p["schema_version"] or "-",
            p["transport"] or "-",
            f"{sum(p['tables'].values()):,}",
            _kept(p),
            "; ".join(p["damage"][:MOST_DAMAGE]) or "whole",
        ]
        for p in found
    ]
    telling.table(
        rows, ["", "version", "published", "schema", "transport", "rows", "kept", "files"]
    )


def _kept(publication: dict[str, Any]) -> str:
    pin, until = publication["pinned"], publication["kept_until"]
    end = f"until {until}" if until else ", ".join(publication["kept_because"])
    return f"{end} ({pin['reason']})" if pin else end


def _show_seen(found: dict[str, Any]) -> None:
    click.echo(f"At the end of {found['as_of']} readers saw {found['version']}")
    click.echo(
        f"published {found['published_at']}, current since {found['since']} ({found['how']})"
    )
    if found["deleted_on"]:
        click.echo(f"Its folder was deleted on {found['deleted_on']} by the retention rules.")


def _show_number(found: dict[str, Any]) -> None:
    number = found["number"]
    value = f"no number: {number['reason_da']}"
    if number["value"] is not None:
        value = f"{number['value']:,.10g} {number['unit']}"
    click.secho(value, bold=True)
    told = f"{number['indicator_id']}, municipality {number['municipality_code']}, {number['year']}"
    click.echo(f"{told}: {number['status']}")
    _show_seen(found)
    for row in found["values"]:
        of = f"{row['origin']}  {row['source_id']}"
        click.echo(f"  {of}  {row['notation_key'] or row['value']}  {row['source_ref']}")


def _show_written(found: dict[str, Any]) -> None:
    click.echo(f"{found['rows']:,} rows of {found['table']} in {found['file']}")
    _show_seen(found)


HISTORY_COMMANDS = (publications, rollback, pin, unpin, as_of)
