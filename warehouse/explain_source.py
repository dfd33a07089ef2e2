"""From a source and a municipality to the provider's rows in force, used by a model or not."""

from typing import Any

import duckdb

from warehouse.accepted import Release, newest, parquet_paths
from warehouse.explain import NothingToExplainError, many, origin, release_told
from warehouse.landing import read_sidecar
from warehouse.layout import Layout


def rows_in_force(
    layout: Layout, source_id: str, period: str, municipality: str | None, year: int | None
) -> dict[str, Any]:
    """The accepted rows of a municipality or of the country, with where they came from.

    Args:
        layout: the state root.
        source_id: a declared source.
        period: the name of its column of periods; a period begins with its year.
        municipality: four digits; None for a table of the country.
        year: all of them when None.

    Raises:
        NothingToExplainError: nothing was accepted yet, or there is no such row.
    """
    release = newest(layout, source_id)
    if release is None:
        raise NothingToExplainError(f"{source_id}: nothing has been accepted yet.")
    paths = [str(path) for path in parquet_paths(layout, release)]
    found = _rows(paths, period, municipality, f"{year or ''}%")
    if not found:
        when = f" in {year}" if year else ""
        where = f"municipality {municipality}" if municipality else "the country"
        raise NothingToExplainError(
            f"{source_id}: no row of {where}{when} in the release in force, "
            f"whose newest period is {release.latest_period}."
        )
    return {
        "source_id": source_id,
        "municipality_code": municipality,
        "rows": found,
        "release": release_told(release),
        **origin(read_sidecar(layout, source_id, _newest_landed(release))),
    }


def _newest_landed(release: Release) -> str:
    """The landed bytes of a release; of one in windows, those of its newest window."""
    if not release.windows:
        return release.release_id
    return release.windows[max(release.windows)].release_id


def _rows(
    paths: list[str], period: str, municipality: str | None, year: str
) -> list[dict[str, Any]]:
    asked = f"read_parquet(?) where {period}::varchar like ?"
    wanted: list[Any] = [paths, year]
    if municipality:
        asked, wanted = f"{asked} and municipality_code = ?", [*wanted, municipality]
    with duckdb.connect() as connection:
        return many(connection, f"{asked} order by all", wanted)
