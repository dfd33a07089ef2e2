"""What dbt is given: each source's declared columns with the release in force, and control rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ingestion.declaration import ColumnType, Source
from orchestration.source_states import SourceState, naive, source_row
from warehouse.accepted import Release, parquet_paths
from warehouse.inputs import RawTable
from warehouse.layout import Layout

DUCKDB_TYPES = {
    ColumnType.INTEGER: "bigint",
    ColumnType.DECIMAL: "double",
    ColumnType.YEAR: "integer",
    ColumnType.HOUR: "timestamp",
    ColumnType.LOCAL_HOUR: "timestamp",
}


def raw_columns(source: Source) -> list[tuple[str, str]]:
    """Name and DuckDB type of every column of an accepted table."""
    columns = []
    for column in source.columns:
        columns.append((column.name, DUCKDB_TYPES.get(column.type, "varchar")))
        if column in source.measures:
            columns.append((f"{column.name}_missing", "varchar"))
    return [*columns, ("row_key", "varchar")]


def raw_table(layout: Layout, source: Source, release: Release | None) -> RawTable:
    """One accepted table as dbt sees it; empty while nothing has been accepted."""
    if release is None:
        return RawTable(source.id, raw_columns(source))
    return RawTable(
        name=source.id,
        columns=raw_columns(source),
        files=parquet_paths(layout, release),
        release_id=release.release_id,
        recorded_at=naive(release.recorded_at).isoformat(),
        is_windowed=source.windows is not None,
    )


Row = Mapping[str, Any]
ControlTables = dict[str, Sequence[Row]]


def control_tables(
    states: Mapping[str, SourceState], log: Sequence[Row], run: Row, now: datetime
) -> ControlTables:
    """The rows that only Python knows: declarations, states, the log, the run."""
    return {
        "source": [source_row(state.source) for state in states.values()],
        "source_state": [state.row(now) for state in states.values()],
        "publication_log": log,
        "run": [run],
    }
