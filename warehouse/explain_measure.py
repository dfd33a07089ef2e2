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

    Args:
        layout: the state root.
        municipality: 4-digit code.
        name: an indicator, or a measure of ``dim_measure``, such as ``gap_to_path``.
        year: the year the number is for.
        version: a publication; the current one when None.
        of: of a measure, which path, indicator or target; without it, the municipality's own path
            in force, the whole account or the first target.

    Returns:
        Of an indicator what ``explain`` returns; of a measure what ``explain_measure`` does.

    Raises:
        NothingToExplainError: unknown publication, name, municipality, year or path.
    """
    folder, manifest = publication_of(layout, version)
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        if one(connection, "dim_municipality where municipality_code = ?", [municipality]) is None:
            raise NothingToExplainError(f"{municipality} is no municipality of dim_municipality.")
        definition = one(connection, "dim_measure where measure_id = ?", [name])
        if definition is None:
            return explain(layout, municipality, name, year, version)
        row, others = _row(connection, definition, municipality, year, of)
        found = explain_measure(layout, connection, definition, row, manifest["version"])
    stamp = {key: manifest[key] for key in ("version", "published_at")}
    return {**stamp, **found, "others": others}


def explain_measure(
    layout: Layout,
    connection: duckdb.DuckDBPyConnection,
    definition: dict[str, Any],
    row: dict[str, Any],
    version: str,
) -> dict[str, Any]:
    """Follow one row of a measure to its inputs.

    Returns:
        ``measure`` (its definition), ``row``, ``value`` and ``unit``, ``calculation`` (the formula
        with its numbers), ``path`` (where there is one), ``numbers`` (every observation that went
        in, each explained) and ``inputs`` (rows and cells of targets, actions and bases).
    """
    path = _path(connection, row)
    sources = {source["source_id"]: source for source in many(connection, "dim_source", [])}
    return {
        "measure": definition,
        "row": row,
        "value": row[definition["column_name"]],
        "unit": _filled(definition["unit"], row),
        "calculation": _filled(definition["calculation"], row),
        "path": path,
        "numbers": [
            explain(layout, row["municipality_code"], indicator, year, version)
            for indicator, year in _observations(connection, row, path)
        ],
        "inputs": inputs_of(layout, _references(row, path), sources),
    }


def _references(row: dict[str, Any], path: dict[str, Any] | None) -> str:
    """What the row rests on besides observations: its targets, their actions, its base."""
    references = [(path or row).get("source_ref"), row.get("backed_source_ref")]
    return " + ".join(filter(None, references))


def _row(
    connection: duckdb.DuckDBPyConnection,
    definition: dict[str, Any],
    municipality: str,
    year: int,
    of: str | None,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The published row of a measure, and what else the municipality has one for."""
    scope, order = SCOPES[definition["table_name"]]
    where = f"{definition['table_name']} where municipality_code = ? and year = ? order by {order}"
    rows = many(connection, where, [municipality, year])
    if not rows or of not in {None, *(row[scope] for row in rows)}:
        raise NothingToExplainError(_absence(connection, definition, rows, municipality, year))
    chosen = next(row for row in rows if of in {None, row[scope]})
    others = [
        {scope: row[scope], "value": row[definition["column_name"]]}
        for row in rows
        if row is not chosen
    ]
    return chosen, others


def _absence(
    connection: duckdb.DuckDBPyConnection,
    definition: dict[str, Any],
    rows: list[dict[str, Any]],
    municipality: str,
    year: int,
) -> str:
    """Why there is no such row, in the words of what is published."""
    table = definition["table_name"]
    scope, _ = SCOPES[table]
    names = ", ".join(str(row[scope]) for row in rows) or "none"
    told = (
        f"{table} has no such row for municipality {municipality} in {year}; of {scope}: {names}."
    )
    if table != "fct_progress":
        return told
    where = "dim_path where municipality_code = ? and reason_en is not null order by path_id"
    paths = many(connection, where, [municipality])
    return " ".join([told, *(f"{path['path_id']}: {path['reason_en']}" for path in paths)])


def _path(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> dict[str, Any] | None:
    keys = [row["municipality_code"], row.get("path_id")]
    path = one(connection, "dim_path where municipality_code = ? and path_id = ?", keys)
    if path is None:
        return None
    years = [path["base_year"], row["year"]]
    points = "fct_path where municipality_code = ? and path_id = ? and year between ? and ?"
    return {
        **path,
        "points": many(connection, f"{points} order by year", [*keys, *years]),
        "register": many(connection, "dim_path_input where path_id = ?", keys[1:]),
    }


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
