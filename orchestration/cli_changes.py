"""The commands that compare publications: what changed and why, and whether one can be rebuilt."""

import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from orchestration import telling
from orchestration.cli_options import JSON, command_settings

MOST_ROWS, MOST_CELLS, MOST_GROUPS, MOST_LETTERS = 3, 4, 8, 60
COLOURS = {"equal": "green", "differs": "red", "not compared": "yellow"}


@click.command()
@click.argument("earlier")
@click.argument("later", default="current")
@click.option("--all", "is_whole", is_flag=True, help="Tell every value, not one of each kind.")
@JSON
def diff(*, earlier: str, later: str, is_whole: bool, as_json: bool) -> None:
    """What changed from one publication to another, and why, in Danish.

    Each value's change is split by cause; the parts sum to the whole.
    """
    from orchestration.differences import NoDifferenceError, difference
    from orchestration.transform import TransformError

    try:
        found = difference(command_settings().layout, earlier, later)
    except (NoDifferenceError, TransformError) as error:
        raise click.ClickException(str(error)) from error
    telling.answer(found, lambda told: show_difference(told, is_whole=is_whole), as_json=as_json)


@click.command()
@click.argument("version", required=False)
@JSON
def verify(*, version: str | None, as_json: bool) -> None:
    """Read and build a publication once more from its inputs, and compare.

    Exit status 0: it follows from its inputs. 1: it does not, or they are gone.
    """
    from orchestration.rebuilding import Workshop
    from orchestration.transform import TransformError
    from orchestration.verification import NoPublicationError
    from orchestration.verification import verify as proof

    layout = command_settings().layout
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = proof(layout, Workshop(layout, Path(folder)), version)
    except (NoPublicationError, TransformError) as error:
        raise click.ClickException(str(error)) from error
    telling.answer(found, _show_proof, as_json=as_json)
    sys.exit(0 if found["is_proven"] else 1)


def _show_proof(found: dict[str, Any]) -> None:
    rows = [
        [
            finding["subject"],
            click.style(finding["result"], fg=COLOURS[finding["result"]]),
            finding["told"],
        ]
        for finding in found["findings"]
    ]
    telling.table(rows, ["compared", "result", ""])
    word = "follows from its inputs" if found["is_proven"] else "does not follow from its inputs"
    click.echo(f"\n{found['version']} {word}.")


def show_difference(found: dict[str, Any], *, is_whole: bool) -> None:
    """The difference as the secretariat reads it."""
    earlier, later = found["from"], found["to"]
    click.echo(
        f"Fra publikationen {earlier['version']} ({_day(earlier['published_at'])}) "
        f"til {later['version']} ({_day(later['published_at'])})"
    )
    if earlier["schema_version"] != later["schema_version"]:
        click.echo(
            f"Tabellerne er i version {later['schema_version']}, før {earlier['schema_version']}; "
            "CHANGELOG.md siger hvad der er nyt."
        )
    _heading("Inddata der er ændret")
    for piece in found["inputs"]:
        _show_piece(piece)
    if not found["inputs"]:
        click.echo("  Ingen kendte.")
    for cause in found["causes"]:
        _show_cause(cause, found["values"], is_whole=is_whole)
    if not found["values"]:
        _heading("Værdier")
        click.echo("  Ingen værdi er ændret.")
    _show_remainder(found["remainder"])
    _show_tables(found["tables"])


def _heading(text: str) -> None:
    click.echo(f"\n{click.style(text, bold=True)}")


def _show_piece(piece: dict[str, Any]) -> None:
    click.echo(f"  {piece['cause_da']}: {piece['told_da']}")
    for row in piece["rows"][:MOST_ROWS]:
        cells = [
            f"{name} {_cell(before)} → {_cell(after)}"
            for name, (before, after) in list(row["cells"].items())[:MOST_CELLS]
        ]
        more = len(row["cells"]) - len(cells)
        click.echo(f"      {row['row']}: {'; '.join(cells)}{f' og {more} til' if more else ''}")
    if len(piece["rows"]) > MOST_ROWS:
        click.echo(f"      og {len(piece['rows']) - MOST_ROWS} rækker mere")


def _cell(text: str) -> str:
    return f"{text[:MOST_LETTERS]}…" if len(text) > MOST_LETTERS else text or "–"


def _show_cause(cause: dict[str, Any], values: list[dict[str, Any]], *, is_whole: bool) -> None:
    """The values that a cause moved, by what they are figures of; the most moved one of each."""
    rows = [row for row in values if row["cause_code"] == cause["cause_code"]]
    # A value that is shown stands in two tables and is told once.
    told = {row["text_da"]: row for row in rows}
    _heading(f"{cause['cause_da']}: {_counted(len(told), 'værdi', 'værdier')}")
    by_subject: dict[tuple[str, bool], list[dict[str, Any]]] = {}
    for row in told.values():
        by_subject.setdefault((row["subject_da"], bool(row["panel_id"])), []).append(row)
    # Figures that moved come before those that are still missing.
    groups = sorted(by_subject.values(), key=lambda rows: max(map(_weight, rows)) == 0)
    for rows in groups if is_whole else groups[:MOST_GROUPS]:
        _show_group(rows, is_whole=is_whole)
    if not is_whole and len(groups) > MOST_GROUPS:
        click.echo(f"  … og {len(groups) - MOST_GROUPS} mere (--all viser dem alle)")


def _show_group(rows: list[dict[str, Any]], *, is_whole: bool) -> None:
    years = sorted({row["year"] for row in rows if row["year"]})
    period = f", {years[0]}–{years[-1]}" if len(years) > 1 else f", {years[0]}" if years else ""
    places = {row["municipality_code"] for row in rows} - {None}
    panels = {row["panel_id"] for row in rows} - {None}
    where = _counted(len(places), "kommune", "kommuner")
    if panels:
        where = _counted(len(panels), "kommunegruppe", "kommunegrupper")
    click.echo(f"  {rows[0]['subject_da']}: {where}{period}")
    for row in rows if is_whole else [max(rows, key=_weight)]:
        click.echo(f"      {row['text_da'].rsplit('. ', 1)[0]}")
        if row["source_ref_after"] or row["source_ref_before"]:
            click.echo(click.style(f"        {_origin(row)}", dim=True))


def _weight(row: dict[str, Any]) -> float:
    """How much a figure moved, against what it was; one that came or went moved most."""
    before: float | None = row["value_before"]
    after: float | None = row["value_after"]
    if before is None or after is None:
        return 0.0 if before == after else float("inf")
    return abs(after - before) / (abs(before) or 1.0)


def _origin(row: dict[str, Any]) -> str:
    """The cell or provider row that a figure rests on, its digest shortened."""
    parts = (row["source_ref_after"] or row["source_ref_before"]).split("@")
    return "@".join([parts[0], *(f"{part[:8]}{part[64:]}" for part in parts[1:])])


def _show_remainder(remainder: dict[str, Any]) -> None:
    if not remainder["values"]:
        return
    told = f"{_counted(remainder['values'], 'værdi', 'værdier')}: delene går op i hele ændringen"
    if remainder["unexplained"]:
        told = f"{remainder['unexplained']} værdier går IKKE op"
    click.echo(f"\nKontrol: {told}; rest {remainder['unexplained']}.")


def _show_tables(tables: list[dict[str, Any]]) -> None:
    moved = [t for t in tables if t["added"] or t["removed"] or t["changed"]]
    _heading("Rækker i de udgivne tabeller")
    rows = [
        [
            table["table"],
            f"+{_number(table['added'])}",
            f"−{_number(table['removed'])}",
            _number(table["changed"]),
            _columns(table["columns"]),
        ]
        for table in moved
    ]
    telling.table(rows, ["tabel", "nye", "væk", "ændret", "mest ændrede kolonner"])
    same = len(tables) - len(moved)
    click.echo(f"{_counted(same, 'tabel er', 'tabeller er')} uændret.")


def _columns(columns: dict[str, int]) -> str:
    ranked = sorted(columns.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} ({count})" for name, count in ranked[:3])


def _counted(number: int, one: str, many: str) -> str:
    return f"{_number(number)} {one if number == 1 else many}"


def _number(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _day(moment: str) -> str:
    day = datetime.fromisoformat(moment)
    return f"{day.day}.{day.month}.{day.year}"
