"""How the command line speaks: progress while it works, tables for people, JSON for programs."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from orchestration.reports import status_report
from orchestration.run import RunResult
from orchestration.settings import Settings
from orchestration.step_clock import Told
from warehouse.holds import Hold

STAGES = {
    "look": ("looking at", "looking at the sources"),
    "take in": ("taking in", "taking in what is new"),
    "build": ("building", "building the draft"),
    "compare": ("comparing with", "comparing with what readers see"),
    "audit": ("auditing", "auditing the draft"),
    "publish": ("publishing", "publishing"),
    "serve": ("serving from", "bringing PostgreSQL up to date"),
}
COLOURS = {
    "fresh": "green",
    "served": "green",
    "published": "green",
    "unchanged": "green",
    "accepted": "green",
    "superseded": "yellow",
    "received": "yellow",
    "due": "yellow",
    "late": "yellow",
}


@contextmanager
def progress(*, quiet: bool) -> Iterator[Told]:
    """A live line on a terminal, one plain line per stage elsewhere, nothing when quiet."""
    if quiet:
        yield lambda _stage, _item: None
    elif sys.stderr.isatty():
        with _live() as told:
            yield told
    else:
        yield _plain()


@contextmanager
def _live() -> Iterator[Told]:
    from rich.console import Console

    with Console(stderr=True).status("starting") as line:
        yield lambda stage, item: line.update(f"{STAGES[stage][0]} [bold]{item}[/bold]")


def _plain() -> Told:
    seen: set[str] = set()

    def tell(stage: str, _item: str) -> None:
        if stage not in seen:
            seen.add(stage)
            click.echo(f"{STAGES[stage][1]} …", err=True)

    return tell


def answer(value: Any, show: Callable[[Any], None], *, as_json: bool) -> None:
    """Print a result for a program or for a person."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
    else:
        show(value)


def refresh_answer(settings: Settings, result: RunResult) -> dict[str, Any]:
    """What ``refresh`` answers: the result, the version, the reasons, every source's state."""
    report = status_report(settings)
    return {
        "result": result.result,
        "run_id": result.run_id,
        "version": result.version,
        "reasons": list(result.reasons),
        "publication": report["publication"],
        "postgres": report["postgres"],
        "sources": report["sources"],
    }


def word(state: str) -> str:
    """A state or result in its colour."""
    return click.style(state, fg=COLOURS.get(state, "red"), bold=True)


def table(rows: list[list[str]], header: list[str]) -> None:
    """Columns as wide as their widest cell; the last one runs free."""
    plain = [[click.unstyle(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in plain) for i in range(len(header))]
    click.echo(
        "  ".join(
            click.style(n.ljust(w), bold=True) for n, w in zip(header, widths, strict=True)
        ).rstrip()
    )
    for row in rows:
        cells = (
            cell + " " * (w - len(click.unstyle(cell))) for cell, w in zip(row, widths, strict=True)
        )
        click.echo("  ".join(cells).rstrip())


def show_refresh(found: dict[str, Any]) -> None:
    """The result first, then what readers see, then the sources."""
    click.echo(f"{word(found['result'])}  run {found['run_id']}")
    for reason in found["reasons"]:
        click.echo(f"  {reason}")
    _show_publication(found["publication"])
    show_postgres(found["postgres"])
    _show_states(found["sources"])


def show_postgres(postgres: dict[str, Any]) -> None:
    """One line where PostgreSQL is asked to serve; why, when it does not."""
    if postgres["state"] == "not_configured":
        return
    told = f"PostgreSQL: {word(postgres['state'])}, version {postgres['version'] or 'none'}"
    click.echo(f"{told}. {postgres['last_result'] or ''} {postgres['reason']}".rstrip())


def _show_publication(publication: dict[str, Any] | None) -> None:
    if publication is None:
        click.echo("Readers see no publication yet.")
        return
    click.echo(
        f"Readers see {publication['version']} ({publication['transport']}), "
        f"published {publication['published_at']}, {len(publication['tables'])} tables."
    )
    release = publication["release"]
    if release:
        click.echo(f"  Held, and accepted by {release['by']}: {release['reason']}")
        for hold in release["holds"]:
            click.echo(f"  accepted: {Hold(**hold).text}")


def _show_states(sources: list[dict[str, Any]]) -> None:
    """One line per source, then the reason of each that is not fresh."""
    click.echo()
    rows = [
        [s["source_id"], word(s["state"]), s["latest_period"] or "-", f"{s['rows_accepted']:,}"]
        for s in sources
    ]
    table(rows, ["source", "state", "newest", "rows"])
    for source in sources:
        if source["state"] != "fresh":
            text = f"{source['source_id']}: {source['reason']}"
            width = shutil.get_terminal_size((100, 24)).columns
            click.echo("\n" + click.wrap_text(text, width, subsequent_indent="  "))


def show_status(found: dict[str, Any]) -> None:
    """Publication, what is held, sources, and what lies in the inbox."""
    _show_publication(found["publication"])
    for damage in found["damage"]:
        click.echo(click.style(f"  Damaged: {damage}", fg="red"))
    if found["recovered"]:
        click.echo(f"  {found['recovered']}")
    show_postgres(found["postgres"])
    last = found["last_run"]
    if last:
        click.echo(f"Last run {last['run_id']}: {word(last['result'])} {last['reason']}".rstrip())
    for warning in found["warnings"]:
        click.echo(click.style("warning ", fg="yellow") + warning)
    for row in found["alerts"]:
        show_alert(row)
    for lost in found["not_in_history"]:
        click.echo(click.style("not in the history ", fg="yellow") + lost)
    _show_states(found["sources"])
    _show_inbox(found["submissions"])


def show_alert(row: dict[str, Any]) -> None:
    """A matter that people were told of and that is not over."""
    head = row["text"].splitlines()[0]
    click.echo(click.style("told of ", fg="yellow") + f"{row['key']}, since {row['since']}")
    click.echo(click.wrap_text(head, 100, "  ", "  "))


def _show_inbox(submissions: dict[str, Any]) -> None:
    """What waits, and each entry that is not taken in; names are anybody's."""
    waiting, others = submissions["waiting_in_inbox"], submissions["left_alone_in_inbox"]
    if waiting:
        click.echo(f"\n{waiting} in the inbox will be taken in by the next run.")
    for entry in others:
        click.echo(f"Left in the inbox: {entry['name']!r} ({entry['reason']}).")


def show_submissions(found: list[dict[str, Any]]) -> None:
    """One line per submission; those in force are marked."""
    if not found:
        click.echo("No submission yet.")
        return
    rows = [
        [
            "*" if s["is_in_force"] else "",
            s["submission_id"],
            s["municipality_code"] or "-",
            str(s["year"] or "-"),
            word(s["status"]),
            str(s["errors"]),
            "example" if s["is_example"] else "",
        ]
        for s in found
    ]
    table(rows, ["", "submission", "municipality", "year", "status", "errors", ""])


def show_explanation(found: dict[str, Any]) -> None:
    """The number, how it was computed, and every row it was made of."""
    number, indicator = found["number"], found["indicator"]
    click.echo(click.style(_figure(number, indicator), bold=True))
    click.echo(f"{indicator['name_en']} ({indicator['name_da']})")
    click.echo(f"municipality {number['municipality_code']}, {number['year']}")
    click.echo(indicator["definition_en"])
    click.echo(f"publication {found['version']}, {' <- '.join(found['models'])}")
    for value in found["values"]:
        if value["denominator"] is not None and value["value"] is not None:
            terms = f"{value['numerator']:,.10g} / {value['denominator']:,.10g}"
            click.echo(f"= {indicator['scale']:g} × {terms} = {value['value']:.10g}")
    for part in found["inputs"]:
        _show_input(part)


def show_measure(found: dict[str, Any]) -> None:
    """A derived number, its formula with the numbers in it, and every observation behind it."""
    _show_calculation(found)
    path = found["path"]
    if path:
        _show_path(path)
    for explained in found["numbers"]:
        number, indicator = explained["number"], explained["indicator"]
        click.echo()
        click.echo(f"{indicator['indicator_id']} {number['year']}: {_figure(number, indicator)}")
        for part in explained["inputs"]:
            _show_input(part)
    for part in found["inputs"]:
        _show_input(part)


PATH_FACTS = (
    "base_year",
    "base_value",
    "annual_rate_pct",
    "budget_tco2e",
    "budget_source",
    "population_share",
    "adopted_date",
    "replaced_date",
)


def _show_path(path: dict[str, Any]) -> None:
    click.echo()
    click.echo(f"path {path['path_id']}: {path['method_name_en']}")
    click.echo(f"  {path['formula_en']}")
    for name in PATH_FACTS:
        if path.get(name) is not None:
            click.echo(f"  {name} = {path[name]}")
    for told in path["register"]:
        figure = f"{told['name_en']} {told['year']} = {told['value']:,.10g} {told['unit']}"
        click.echo(f"  {figure}  {told['register_ref']}  {told['register_source']}")
    for point in path["points"]:
        click.echo(f"  {point['year']}  {point['path_value']:,.10g} {point['unit']}")


def _show_calculation(found: dict[str, Any]) -> None:
    measure, row = found["measure"], found["row"]
    value = "no number" if found["value"] is None else f"{found['value']:,.10g}"
    click.echo(click.style(f"{value} {found['unit'] or ''}", bold=True))
    click.echo(f"{measure['name_en']} ({measure['name_da']})")
    click.echo(f"municipality {row['municipality_code']}, {row['year']}")
    click.echo(f"publication {found['version']}, {measure['table_name']}.{measure['column_name']}")
    click.echo(f"= {measure['formula_en']}")
    if found["calculation"]:
        click.echo(f"= {measure['calculation']}")
        click.echo(f"= {found['calculation']}")
    if row.get("is_lower_bound"):
        click.echo("The emission is a lower bound: something in it is not estimated.")
    for reason in (name for name in row if name.endswith("reason_en") and row[name]):
        click.echo(f"{reason}: {row[reason]}")
    for other in found["others"]:
        name, told = other.values()
        click.echo(f"also  --of {name}: {'no number' if told is None else f'{told:,.10g}'}")


def _figure(number: dict[str, Any], indicator: dict[str, Any]) -> str:
    """The value as it is shown to people, or why there is none."""
    if number["value"] is None:
        return f"no number: {number['reason_en']}"
    return f"{number['value']:,.{indicator['decimals']}f} {number['unit']}"


def _show_input(part: dict[str, Any]) -> None:
    row = {k: v for k, v in (part["row"] or {}).items() if v is not None and k != "row_key"}
    click.echo()
    click.echo(f"{part['role']}: {part['provider']}, {part['table']} ({part['staging_model']})")
    click.echo(f"  row        {part['row_key']}")
    click.echo(f"  accepted   {', '.join(f'{name}={value}' for name, value in row.items())}")
    if part.get("correction_id"):
        click.echo(f"  corrected  {part['correction_id']}, see fct_correction")
    click.echo(f"  asked      {part['url']}")
    click.echo(f"  retrieved  {part['retrieved_at']} ({part['transport']}), {part['licence']}")
    click.echo(f"  bytes      {part['landed_file']}")
    for version in part.get("versions", []):
        place = f"{version.get('sheet', '-')}!{version.get('cell', '-')}"
        click.echo(
            f"  version    {version['submission_id']}  {word(version['status'])}  "
            f"{place} = {version['value']}"
        )
