"""From a published number back to the providers' rows and reports' cells it was made of."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from warehouse.accepted import Release, of_landed
from warehouse.damage import damage_of_chosen
from warehouse.explain_submission import submission_input
from warehouse.landing import Landed, read_sidecar
from warehouse.layout import Layout
from warehouse.publications import DATABASE, absence, chosen, rows
from warehouse.submissions import SOURCE_ID

REFERENCE = re.compile(
    r"(?P<source>[a-z][a-z0-9_]*)@(?P<release>[0-9a-f]{64})#(?P<row>.*?)"
    r"(?:!corrected:(?P<correction>[a-z0-9-]+))?",
    re.S,
)
MODELS = ("fct_indicator", "fct_indicator_value", "int_indicator_inputs_unioned")
CELL = "municipality_code = ? and indicator_id = ? and year = ?"
SEPARATORS = re.compile(r" ([+/]) (?=[a-z][a-z0-9_]*@[0-9a-f]{64}#)")


class NothingToExplainError(LookupError):
    """The publication holds no such number."""


def explain(
    layout: Layout, municipality: str, indicator: str, year: int, version: str | None = None
) -> dict[str, Any]:
    """Follow one published number to its inputs.

    Args:
        layout: the state root.
        municipality: 4-digit code.
        indicator: indicator id.
        year: the year the number is for.
        version: a publication; the current one when None.

    Returns:
        ``number`` (the row of ``fct_indicator``), ``indicator`` (its definition), ``values`` (its
        rows of ``fct_indicator_value``), ``inputs`` (role, accepted row, landed file, request).

    Raises:
        NothingToExplainError: unknown publication, municipality, indicator or year.
    """
    folder, manifest = publication_of(layout, version)
    cell = [municipality, indicator, year]
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        number = one(connection, f"fct_indicator where {CELL}", cell)
        definition = one(connection, "dim_indicator where indicator_id = ?", [indicator])
        values = many(connection, f"fct_indicator_value where {CELL}", cell)
        sources = {row["source_id"]: row for row in many(connection, "dim_source", [])}
    if number is None or definition is None:
        raise NothingToExplainError(
            f"Publication {manifest['version']} has no row for municipality {municipality}, year "
            f"{year}, indicator {indicator}; dim_indicator and dim_measure list what there is."
        )
    return {
        "version": manifest["version"],
        "published_at": manifest["published_at"],
        "number": number,
        "indicator": definition,
        "values": values,
        "models": list(MODELS),
        "inputs": inputs_of(layout, number.get("source_ref"), sources),
    }


def publication_of(layout: Layout, version: str | None) -> tuple[Path, dict[str, Any]]:
    """Folder and manifest of a publication; of the current one when None.

    Raises:
        NothingToExplainError: there is none, or it is damaged.
    """
    damage = damage_of_chosen(layout, version)
    if damage:
        advice = "Explain another version, or let the next run make a new one."
        raise NothingToExplainError(f"This is not what was published. {damage} {advice}")
    found = chosen(layout, version)
    if found is None:
        raise NothingToExplainError(absence(layout, version))
    return found


def many(
    connection: duckdb.DuckDBPyConnection, what: str, parameters: list[Any]
) -> list[dict[str, Any]]:
    """Rows of a table as dicts; ``what`` is the table with its conditions."""
    return rows(connection, f"select * from {what}", parameters)  # noqa: S608


def one(
    connection: duckdb.DuckDBPyConnection, what: str, parameters: list[Any]
) -> dict[str, Any] | None:
    """The first of those rows, or None."""
    found = many(connection, what, parameters)
    return found[0] if found else None


def inputs_of(
    layout: Layout, reference: str | None, sources: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Resolve a ``source_ref``: every input with its accepted row and its landed file."""
    if not reference:
        return []
    parts = SEPARATORS.split(reference)
    below = False
    inputs = []
    for text, separator in zip(parts[::2], ["", *parts[1::2]], strict=True):
        below = below or separator == "/"
        found = REFERENCE.fullmatch(text)
        if found:
            role = "denominator" if below else "numerator" if "/" in parts[1::2] else "value"
            inputs.append({"role": role, **_input(layout, found.groupdict(), sources)})
    return inputs


def _input(
    layout: Layout, reference: dict[str, str], sources: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    source_id, release_id = reference["source"], reference["release"]
    if source_id == SOURCE_ID:
        return submission_input(layout, release_id, reference["row"])
    found = of_landed(layout, source_id, release_id)
    landed = read_sidecar(layout, source_id, release_id)
    source = sources.get(source_id, {})
    return {
        "source_id": source_id,
        "staging_model": source.get("staging_model"),
        "provider": source.get("producer"),
        "table": source.get("provider_table"),
        "row_key": reference["row"],
        "correction_id": reference["correction"],
        "row": _accepted_row(found[1], reference["row"]) if found else None,
        "release": release_told(found[0]) if found else None,
        **origin(landed),
    }


def origin(landed: Landed) -> dict[str, Any]:
    """Where a release came from, what was asked for, and on what terms it may be used.

    A file that somebody left is of the inbox, whatever else of that night came from where.
    """
    is_left = landed.url.startswith("inbox/")
    return {
        "landed_file": str(Path("landing") / landed.source_id / landed.file_name),
        "url": landed.url,
        "request": json.dumps(landed.request, ensure_ascii=False),
        "retrieved_at": landed.retrieved_at,
        "transport": "inbox" if is_left else landed.transport,
        "licence": landed.licence,
    }


def release_told(release: Release) -> dict[str, Any]:
    """A release as an answer shows it; the list of its windows would hide the rest."""
    told = asdict(release)
    windows = told.pop("windows")
    return told | {"windows": len(windows)} if windows else told


def _accepted_row(path: Path, row_key: str) -> dict[str, Any] | None:
    with duckdb.connect() as connection:
        return one(connection, "read_parquet(?) where row_key = ?", [str(path), row_key])
