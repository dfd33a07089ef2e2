"""From a derived number, such as the gap to a path, through its formula to every input."""

import re
from typing import Any

import duckdb

from warehouse.explain import (
    NothingToExplainError,
    explain,
    inputs_of,
    many,
    one,
    publication_of,
)
from warehouse.layout import Layout
from warehouse.publications import DATABASE

# What tells apart the rows of one municipality and year, and which of them is meant when nobody
# says: the municipality's own path in force, the whole account, the first target.
SCOPES = {
    "fct_progress": (
        "path_id",
        "not exists (select 1 from dim_path as path where is_own and is_current "
        "and path.municipality_code = fct_progress.municipality_code "
        "and path.path_id = fct_progress.path_id), path_id",
    ),
    "fct_trend": ("indicator_id", "indicator_id <> 'ghg_danish_account', indicator_id"),
    "fct_target": ("target_id", "target_year, target_id"),
}
NAME = re.compile(r"[a-z][a-z0-9_]+")


def follow(
    layout: Layout,
    municipality: str,
    name: str,
    year: int,
    version: str | None = None,
    of: str | None = None,
) -> dict[str, Any]:
    """Explain an indicator or a measure, whichever the name is.

    Raises:
        NothingToExplainError: unknown publication, name, municipality, year or path.
    """
    folder, _ = publication_of(layout, version)
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        is_measure = one(connection, "dim_measure where measure_id = ?", [name]) is not None
        known = one(connection, "dim_municipality where municipality_code = ?", [municipality])
    if known is None:
        raise NothingToExplainError(f"{municipality} is no municipality in dim_municipality.")
    if is_measure:
        return explain_measure(layout, municipality, name, year, version, of)
    return explain(layout, municipality, name, year, version)


def explain_measure(
    layout: Layout,
    municipality: str,
    measure: str,
    year: int,
    version: str | None = None,
    of: str | None = None,
) -> dict[str, Any]:
    """Follow one derived number to its inputs.

    Args:
        layout: the state root.
        municipality: 4-digit code.
        measure: a measure of ``dim_measure``, such as ``gap_to_path``.
        year: the year the number is for.
        version: a publication; the current one when None.
        of: which path, indicator or target, where the municipality has several.

    Returns:
        ``measure`` (its definition), ``row`` (the published row), ``value`` and ``unit``,
        ``calculation`` (the formula with its numbers), ``path`` (where there is one), ``numbers``
        (every observation that went in, each explained), ``inputs`` (the rows and cells of what is
        no observation)
        and ``others`` (the paths, indicators or targets that the municipality has besides).

    Raises:
        NothingToExplainError: unknown publication, measure, municipality, year or path.
    """
    folder, manifest = publication_of(layout, version)
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        definition, row, others = _row(connection, municipality, measure, year, of)
        path = _path(connection, municipality, row)
        observations = _observations(connection, row, path)
        sources = {source["source_id"]: source for source in many(connection, "dim_source", [])}
    # An observation's own inputs stand with it.
    reference = (path or {} if observations else row).get("source_ref")
    return {
        "version": manifest["version"],
        "published_at": manifest["published_at"],
        "measure": definition,
        "row": row,
        "value": row[definition["column_name"]],
        "unit": _filled(definition["unit"], row),
        "calculation": _filled(definition["calculation"], row),
        "path": path,
        "others": others,
        "numbers": [
            explain(layout, municipality, indicator, seen, manifest["version"])
            for indicator, seen in observations
        ],
        "inputs": inputs_of(layout, reference, sources),
    }


def _row(
    connection: duckdb.DuckDBPyConnection,
    municipality: str,
    measure: str,
    year: int,
    of: str | None,
) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """The measure, its published row, and what else the municipality has one for."""
    definition = one(connection, "dim_measure where measure_id = ?", [measure])
    if definition is None:
        raise NothingToExplainError(
            f"There is no indicator and no measure {measure}; "
            "dim_indicator and dim_measure list them."
        )
    table = definition["table_name"]
    scope, order = SCOPES[table]
    where = f"{table} where municipality_code = ? and year = ? order by {order}"
    rows = many(connection, where, [municipality, year])
    names = [str(row[scope]) for row in rows]
    if not rows or of not in {None, *names}:
        raise NothingToExplainError(
            f"{table} has no row for municipality {municipality} in {year}"
            f"{f' and {of}' if of else ''}; of {scope} it has: {', '.join(names) or 'none'}."
        )
    place = names.index(of) if of else 0
    return definition, rows[place], names[:place] + names[place + 1 :]


def _path(
    connection: duckdb.DuckDBPyConnection, municipality: str, row: dict[str, Any]
) -> dict[str, Any] | None:
    keys = [municipality, row.get("path_id")]
    path = one(connection, "dim_path where municipality_code = ? and path_id = ?", keys)
    if path is None:
        return None
    years = [path["base_year"], row["year"]]
    points = "fct_path where municipality_code = ? and path_id = ? and year between ? and ?"
    return {**path, "points": many(connection, f"{points} order by year", [*keys, *years])}


def _observations(
    connection: duckdb.DuckDBPyConnection, row: dict[str, Any], path: dict[str, Any] | None
) -> list[tuple[str, int]]:
    """Every observed figure behind a row: indicator and year."""
    starts = [row["year"], row.get("first_year"), row.get("trend_first_year")]
    first = min(year for year in [*starts, (path or {}).get("base_year")] if year is not None)
    where = (
        "fct_indicator where municipality_code = ? and indicator_id = ? "
        "and year between ? and ? and value is not null order by year"
    )
    keys = [row["municipality_code"], row.get("indicator_id"), first, row["year"]]
    return [(seen["indicator_id"], seen["year"]) for seen in many(connection, where, keys)]


def _filled(text: str | None, row: dict[str, Any]) -> str | None:
    """A calculation or unit with the values of a row in place of the names of its columns."""

    def value_of(found: re.Match[str]) -> str:
        value = row.get(found[0], found[0])
        return f"{value:.10g}" if isinstance(value, int | float) else str(value)

    return NAME.sub(value_of, text) if text else None
