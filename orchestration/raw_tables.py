"""What dbt is given: each source's declared columns with the release in force, and control rows."""

from typing import TYPE_CHECKING, Any

from ingestion.declaration import ColumnType, Source
from orchestration.source_states import naive, source_row
from warehouse.accepted import Release, parquet_path
from warehouse.draft import RawTable
from warehouse.layout import Layout

if TYPE_CHECKING:
    from orchestration.run import RefreshRun

DUCKDB_TYPES = {
    ColumnType.INTEGER: "bigint",
    ColumnType.DECIMAL: "double",
    ColumnType.YEAR: "integer",
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
        parquet=parquet_path(layout, release),
        release_id=release.release_id,
        recorded_at=naive(release.recorded_at).isoformat(),
    )


def control_tables(run: "RefreshRun") -> dict[str, list[dict[str, Any]]]:
    """The rows that only Python knows: declarations, states, the log, the run."""
    now = run.settings.now()
    return {
        "source": [source_row(state.source) for state in run.states.values()],
        "source_state": [state.row(now) for state in run.states.values()],
        "publication_log": run.log_rows(),
        "run": [
            {
                "run_id": run.run_id,
                "version": run.version,
                "as_of": naive(run.started_at.isoformat()),
                "transport": run.settings.transport,
            }
        ],
    }
