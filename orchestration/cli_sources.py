"""The commands about public sources: what there is, and how a new one begins."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from orchestration import telling, telling_nights
from orchestration.cli_options import JSON, command_settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--drift", is_flag=True, help="How the answers in force, or refused, have drifted.")
@JSON
def sources(*, drift: bool, as_json: bool) -> None:
    """Source, asset, staging model, expectations, last outcome."""
    from orchestration.drifting import drift_report
    from orchestration.reports import sources_report

    if drift:
        telling.answer(drift_report(command_settings()), telling_nights.show_drift, as_json=as_json)
        return
    telling.answer(sources_report(command_settings()), telling_nights.show_sources, as_json=as_json)


@click.command("new-source")
@click.argument("name")
@click.option("--provider", required=True, help="Who has the table, such as statbank.")
@click.option("--table", help="The provider's name of it; NAME in capitals when left out.")
@click.option("--file", type=FILE, help="A CSV or XLSX file as it looks, of a provider.")
@click.option("--page", help="The page that links to the file, when its address changes.")
@click.option("--link", help="A pattern of the link; its first group tells which is newest.")
@click.option("--decimal-mark", type=click.Choice([",", "."]), help="Where a file shows none.")
@click.option("--live", is_flag=True, help="Ask the provider, not the embedded snapshot.")
@JSON
def new_source(*, name: str, provider: str, live: bool, as_json: bool, **where: Any) -> None:
    """Write the files of a new source from the provider's own description of a table.

    NAME is what its rows are, in the plural, such as heated_buildings. A provider that only has
    files is described by a sample: --provider file --file FILE, or --page and --link.
    """
    from ingestion.errors import DeclarationError, SourceError
    from orchestration.new_source import named, write_new_source

    try:
        wanted = replace(named(name, provider), **where)
        written = write_new_source(command_settings(live=live), wanted)
    except DeclarationError as error:
        raise click.ClickException(str(error)) from error
    except SourceError as error:
        is_asked = not (live or where["file"] or where["page"])
        asked = " (The embedded snapshot was asked; --live asks the provider.)" * is_asked
        raise click.ClickException(f"{error}{asked}") from error
    telling.answer(asdict(written), _show_new_source, as_json=as_json)


def _show_new_source(written: dict[str, Any]) -> None:
    """The files, what a person must decide in them, and what comes next."""
    click.echo(f"Written for {written['source_id']}:")
    for path in written["files"]:
        click.echo(f"  {path}")
    click.echo("\nTo decide (remove the line or the word when it is done; tests refuse it):")
    for line in written["to_decide"]:
        click.echo(f"  {line}")
    where = f"leave the file in {written['inbox']}, " if written["inbox"] else ""
    click.echo(f"\nThen: {where}klimamonitor sources, make check, klimamonitor refresh")
    click.echo("(with --live the providers are asked, and not the embedded snapshot).")
