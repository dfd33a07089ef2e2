"""The private files of one run: a work file with the accepted tables as views, and the draft.

dbt fills the draft; nothing else is in it, so the very file that is audited can become the
publication. Accepted Parquet is reached through views with absolute paths, made anew for each
run: the parsed dbt project stays the same wherever the state root lies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.durable import fsync_file, sha256_of_file
from warehouse.layout import Layout
from warehouse.submission_cells import CELLS

TEXT, STAMP, COUNT = pa.string(), pa.timestamp("us"), pa.int64()

CONTROL_TABLES: dict[str, pa.Schema] = {
    "source": pa.schema(
        [
            (name, TEXT)
            for name in (
                "source_id",
                "title",
                "producer",
                "provider",
                "provider_table",
                "licence",
                "licence_url",
                "attribution",
                "url",
                "documentation_url",
                "cadence",
                "owner",
                "asset",
                "staging_model",
                "redistribution_note",
            )
        ]
    ),
    "source_state": pa.schema(
        [
            ("source_id", TEXT),
            ("state", TEXT),
            ("reason", TEXT),
            ("last_looked_at", STAMP),
            ("last_changed_at", STAMP),
            ("last_accepted_at", STAMP),
            ("provider_updated_at", TEXT),
            ("latest_period", TEXT),
            ("next_expected_date", pa.date32()),
            ("age_days", pa.int32()),
            ("release_id", TEXT),
            ("rows_read", COUNT),
            ("rows_accepted", COUNT),
            ("rows_set_aside", COUNT),
            ("rows_quarantined", COUNT),
            ("transport", TEXT),
        ]
    ),
    "publication_log": pa.schema(
        [
            ("version", TEXT),
            ("run_id", TEXT),
            ("outcome", TEXT),
            ("recorded_at", STAMP),
            ("reason", TEXT),
            ("transport", TEXT),
            ("input_fingerprint", TEXT),
            ("schema_version", TEXT),
        ]
    ),
    "submission": pa.schema(
        [
            ("submission_id", TEXT),
            ("form_id", TEXT),
            ("form_version", pa.int32()),
            ("municipality_code", TEXT),
            ("year", pa.int32()),
            ("status", TEXT),
            ("door", TEXT),
            ("received_at", STAMP),
            ("decided_at", STAMP),
            ("file_sha256", TEXT),
            ("supersedes_id", TEXT),
            ("superseded_by_id", TEXT),
            ("errors_count", pa.int32()),
            ("warnings_count", pa.int32()),
            ("facts_count", pa.int32()),
            ("missing_count", pa.int32()),
            ("prepared_on", pa.date32()),
            ("approved_on", pa.date32()),
            ("is_in_force", pa.bool_()),
            ("is_example", pa.bool_()),
            ("withdrawn_reason", TEXT),
        ]
    ),
    "submission_finding": pa.schema(
        [
            ("submission_id", TEXT),
            ("finding_number", pa.int32()),
            *(
                (name, TEXT)
                for name in (
                    "code",
                    "layer",
                    "severity",
                    "sheet",
                    "cell",
                    "field",
                    "found",
                    "text_da",
                    "text_en",
                    "help_da",
                    "help_en",
                )
            ),
        ]
    ),
    "run": pa.schema(
        [
            ("run_id", TEXT),
            ("version", TEXT),
            ("as_of", STAMP),
            ("published_date", pa.date32()),
            ("transport", TEXT),
        ]
    ),
}

# Published values by vintage, from the history; a publication older than a column has none of it.
PUBLISHED_VALUES = pa.schema(
    [
        ("municipality_code", TEXT),
        ("indicator_id", TEXT),
        ("year", pa.int32()),
        ("value", pa.float64()),
        ("unit", TEXT),
        ("origin", TEXT),
        ("source_id", TEXT),
        ("definition_version", pa.int32()),
        ("boundary", TEXT),
        ("is_example", pa.bool_()),
        ("history_number", COUNT),
        ("history_published_date", pa.date32()),
        ("history_change", TEXT),
    ]
)


@dataclass(frozen=True)
class RawTable:
    """One accepted table as dbt sees it: columns (name, DuckDB type) and the release in force.

    ``parquet`` is None while nothing has been accepted: the table is then there, and empty.
    """

    name: str
    columns: Sequence[tuple[str, str]]
    parquet: Path | None = None
    release_id: str | None = None
    recorded_at: str | None = None


@dataclass(frozen=True)
class Draft:
    """The files of one run under ``builds/<run id>/``."""

    run_id: str
    folder: Path

    @property
    def work_file(self) -> Path:
        """Staging and intermediate models; thrown away after the run."""
        return self.folder / "work.duckdb"

    @property
    def file(self) -> Path:
        """The published tables: this very file is audited and promoted."""
        return self.folder / "monitoring.duckdb"


def prepare(
    layout: Layout,
    run_id: str,
    raw_tables: Sequence[RawTable],
    control: Mapping[str, Sequence[Mapping[str, Any]]],
    submissions: Sequence[Path] = (),
    published: Sequence[Path] = (),
) -> Draft:
    """Make the work file: schema ``raw`` with a view per source and the control tables.

    Args:
        layout: the state root.
        run_id: names the draft's folder.
        raw_tables: accepted releases.
        control: rows of each of ``CONTROL_TABLES``.
        submissions: the facts of every accepted submission; the view ``raw.submission_cell``.
        published: the history of ``fct_indicator``; the view ``raw.published_value``.
    """
    draft = Draft(run_id, (layout.builds / run_id).resolve())
    draft.folder.mkdir(parents=True)
    with duckdb.connect(str(draft.work_file)) as connection:
        connection.execute("create schema raw")
        for table in raw_tables:
            connection.execute(_raw_view(table))
        for name, paths, schema in (
            ("submission_cell", submissions, CELLS),
            ("published_value", published, PUBLISHED_VALUES),
        ):
            connection.register("no_rows", schema.empty_table())
            connection.execute(f"create table raw.no_{name} as select * from no_rows")  # noqa: S608
            connection.unregister("no_rows")
            connection.execute(_files_view(name, paths, schema.names))
        for name, schema in CONTROL_TABLES.items():
            rows = pa.Table.from_pylist([dict(row) for row in control[name]], schema=schema)
            connection.register("rows", rows)
            connection.execute(f"create table raw.{name} as select * from rows")  # noqa: S608
            connection.unregister("rows")
    return draft


def _raw_view(table: RawTable) -> str:
    """SQL of one view; an absent release gives the declared columns and no rows."""
    if table.parquet is None:
        cells = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in table.columns)
        keys = "cast(null as varchar) as release_id, cast(null as timestamp) as recorded_at"
        return f'create view raw."{table.name}" as select {cells}, {keys} where false'
    cells = ", ".join(f'"{name}"::{kind} as "{name}"' for name, kind in table.columns)
    keys = f"{_quoted(table.release_id)} as release_id, {_quoted(table.recorded_at)}"
    return (
        f'create view raw."{table.name}" as select {cells}, {keys}::timestamp as recorded_at '  # noqa: S608
        f"from read_parquet({_quoted(str(table.parquet))})"
    )


def _files_view(name: str, paths: Sequence[Path], columns: Sequence[str]) -> str:
    """SQL of the view over many files; without one it has columns and no rows."""
    cells = ", ".join(f'"{column}"' for column in columns)
    if not paths:
        return f"create view raw.{name} as select * from raw.no_{name}"  # noqa: S608
    files = ", ".join(_quoted(str(path)) for path in paths)
    return (
        f"create view raw.{name} as select {cells} from (select * from raw.no_{name} "  # noqa: S608
        f"union all by name select * from read_parquet([{files}], union_by_name = true))"
    )


def _quoted(text: str | None) -> str:
    return "'" + (text or "").replace("'", "''") + "'"


def seal(draft: Draft) -> str:
    """Checkpoint and close the draft; from here on its digest says whether it was touched.

    Returns:
        The SHA-256 of the draft file.

    Raises:
        RuntimeError: a write-ahead log is left, so the file alone is not the whole draft.
    """
    with duckdb.connect(str(draft.file)) as connection:
        connection.execute("checkpoint")
    if draft.file.with_name(f"{draft.file.name}.wal").exists():
        raise RuntimeError(f"{draft.file} still has a write-ahead log; it is not whole.")
    fsync_file(draft.file)
    return sha256_of_file(draft.file)


def tables_in(file: Path) -> list[str]:
    """Names of all tables and views in a published file, in order."""
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(
            "select table_name from information_schema.tables order by table_name"
        ).fetchall()
    return [name for (name,) in rows]
