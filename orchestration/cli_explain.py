"""The command that follows a number back to what it was made of."""

from typing import Any

import click

from orchestration import telling, telling_nights
from orchestration.cli_options import JSON, command_settings
from warehouse.layout import Layout


@click.command()
@click.option("--municipality", help="Four-digit code, such as 0101.")
@click.option(
    "--indicator", help="Indicator, such as ghg_danish_account, or measure, such as gap_to_path."
)
@click.option("--source", help="Instead of an indicator: a source, for its rows in force.")
@click.option("--year", type=int)
@click.option("--of", help="Of a measure: which path, indicator or target.")
@click.option("--publication", "version", help="A version; the current one when left out.")
@JSON
def explain(
    *,
    municipality: str | None,
    indicator: str | None,
    source: str | None,
    year: int | None,
    of: str | None,
    version: str | None,
    as_json: bool,
) -> None:
    """Follow a published number through its formula to its providers' rows.

    With --source instead of --indicator: the provider's rows themselves, whether or not a published
    number is made of them yet.
    """
    from warehouse.explain import NothingToExplainError
    from warehouse.explain_measure import follow

    layout = command_settings().layout
    code = municipality.zfill(4) if municipality else None
    try:
        if source:
            found = _of_source(layout, source, code, year)
            telling.answer(found, telling_nights.show_source_rows, as_json=as_json)
            return
        if indicator is None or year is None or code is None:
            raise click.UsageError("Give --municipality, --indicator and --year, or --source.")
        number: dict[str, Any] = follow(layout, code, indicator, year, version, of)
    except NothingToExplainError as error:
        raise click.ClickException(str(error)) from error
    show = telling.show_measure if "measure" in number else telling.show_explanation
    telling.answer(number, show, as_json=as_json)


def _of_source(
    layout: Layout, source_id: str, code: str | None, year: int | None
) -> dict[str, Any]:
    from ingestion.declaration import source_by_id
    from ingestion.errors import DeclarationError
    from warehouse.explain_source import rows_in_force

    try:
        source = source_by_id(source_id)
    except DeclarationError as error:
        raise click.ClickException(str(error)) from error
    if (code is None) != (source.municipality is None):
        must = "is of the country; leave out" if code else "is of municipalities; give"
        raise click.UsageError(f"{source_id} {must} --municipality.")
    told = {"title": source.title, "producer": source.publisher.producer, "table": source.table}
    return told | rows_in_force(layout, source_id, source.period.name, code, year)
