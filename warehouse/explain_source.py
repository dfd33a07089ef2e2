"""From a source and a municipality to the provider's rows in force, used by a model or not."""

from dataclasses import asdict
from typing import Any

import duckdb

from warehouse.accepted import newest, parquet_path
from warehouse.explain import NothingToExplainError, many, origin
from warehouse.landing import read_sidecar
from warehouse.layout import Layout


def rows_in_force(
    layout: Layout, source_id: str, period: str, municipality: str, year: int | None
) -> dict[str, Any]:
    """The accepted rows of a municipality, with where they came from.

    Args:
        layout: the state root.
        source_id: a declared source.
        period: the name of its column of periods; a period begins with its year.
        municipality: four digits.
        year: all of them when None.

    Raises:
        NothingToExplainError: nothing was accepted yet, or there is no such row.
    """
    release = newest(layout, source_id)
    if release is None:
        raise NothingToExplainError(f"{source_id}: nothing has been accepted yet.")
    path = str(parquet_path(layout, release))
    found = _rows(path, period, [municipality, f"{year or ''}%"])
    if not found:
        when = f" in {year}" if year else ""
        raise NothingToExplainError(
            f"{source_id}: no row of municipality {municipality}{when} in the release in force, "
            f"whose newest period is {release.latest_period}."
        )
    return {
        "source_id": source_id,
        "municipality_code": municipality,
        "rows": found,
        "release": asdict(release),
        **origin(read_sidecar(layout, source_id, release.release_id)),
    }


def _rows(path: str, period: str, wanted: list[str]) -> list[dict[str, Any]]:
    asked = f"read_parquet(?) where municipality_code = ? and {period}::varchar like ? order by all"
    with duckdb.connect() as connection:
        return many(connection, asked, [path, *wanted])
