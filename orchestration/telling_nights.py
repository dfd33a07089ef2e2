"""How the command line tells of sources, runs and the schedule."""

from typing import Any

import click

from orchestration.telling import STAGES, show_alert, table, word

# Columns that say where a row came from, and how many rows a person can look at.
ADDRESSES = frozenset({"row_key", "landed_id"})
MOST_ROWS = 60


def show_runs(found: list[dict[str, Any]]) -> None:
    """One line per run, its stages in seconds; a stage far above its usual time is marked."""
    stages = sorted({stage for run in found for stage in run["stages"]}, key=_stage_order)
    rows = []
    for run in found:
        cells = [_seconds(run, stage) for stage in stages]
        rows.append([run["started_at"][:16], word(run["result"]), f"{run['seconds']:.1f}", *cells])
    table(rows, ["began", "result", "seconds", *stages])
    for run in found:
        for slow in run["slow"]:
            click.echo(click.style("slow ", fg="yellow") + f"{run['run_id']}: {slow}")


def _stage_order(stage: str) -> int:
    return list(STAGES).index(stage) if stage in STAGES else -1


def _seconds(run: dict[str, Any], stage: str) -> str:
    return f"{run['stages'][stage]:.1f}" if stage in run["stages"] else "-"


def show_drift(found: list[dict[str, Any]]) -> None:
    """One paragraph per difference, with the edit that would meet it."""
    if not found:
        click.echo("Nothing has drifted.")
    for row in found:
        head = f"{row['source_id']} {word(row['state'])}: {row['kind']}, {row['policy']}"
        click.echo(f"{head}, seen {row['at'][:16]}")
        click.echo(click.wrap_text(row["what"], 100, "  ", "  "))
        for edit in row["edits"]:
            click.echo(f"  in {row['file']}\n    {edit}")


def show_watch(found: dict[str, Any]) -> None:
    """Whether the schedule is alive, what was told now, and what is open."""
    last = found["last_run_began_at"] or "never"
    word = click.style("alive", fg="green") if found["is_well"] else click.style("not", fg="red")
    running = f", {found['running']} is running" if found["running"] else ""
    click.echo(f"schedule {word}; the last run began {last}{running}.")
    if found["daemon_seen_at"]:
        click.echo(f"Dagster's daemon was last seen {found['daemon_seen_at']}.")
    for row in found["told"]:
        click.echo(f"told: {row['key']} {row['event']} {'; '.join(row['failed'])}".rstrip())
    for row in found["open"]:
        show_alert(row)


def show_sources(found: list[dict[str, Any]]) -> None:
    """One line per chain; what is missing is named."""
    rows = [
        [
            c["source_id"],
            c["asset"],
            c["staging_model"],
            c["expectations"],
            word(c["state"]),
            ", ".join(c["missing"]) or "-",
        ]
        for c in found
    ]
    table(rows, ["source", "asset", "staging model", "expectations", "state", "missing"])


def show_source_rows(found: dict[str, Any]) -> None:
    """Where the rows came from, then the rows."""
    click.echo(f"{found['producer']}, {found['table']}: {found['title']}")
    click.echo(f"  asked      {found['url']}")
    click.echo(f"  retrieved  {found['retrieved_at']} ({found['transport']}), {found['licence']}")
    click.echo(f"  bytes      {found['landed_file']}")
    click.echo()
    names = [name for name in found["rows"][0] if name not in ADDRESSES]
    shown = found["rows"][-MOST_ROWS:]
    rows = [["-" if row[n] is None else str(row[n]) for n in names] for row in shown]
    table(rows, names)
    if len(shown) < len(found["rows"]):
        click.echo(f"\nThe last {MOST_ROWS} of {len(found['rows']):,} rows; --json has them all.")
