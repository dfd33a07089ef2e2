"""The private files of one run: a work file with the accepted tables as views, and the draft.

dbt fills the draft; nothing else is in it, so the very file that is audited can become the
publication. Accepted Parquet is reached through views with absolute paths, made anew for each
run: the parsed dbt project stays the same wherever the state root lies.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.changes import TOLD_CHANGES
from warehouse.durable import fsync_file, sha256_of_file
from warehouse.failpoints import step
from warehouse.inputs import PUBLISHED_VALUES, Inputs, RawTable, write_inputs
from warehouse.layout import Layout
from warehouse.literals import literal
from warehouse.submission_cells import CELLS

NOT_READ = "unavailable"


@dataclass(frozen=True)
class Draft:
    """The files of one run under ``builds/<run id>/``."""

    run_id: str
    folder: Path

    @classmethod
    def of_run(cls, layout: Layout, run_id: str) -> "Draft":
        """The draft that a run publishes."""
        return cls(run_id, (layout.builds / run_id).resolve())

    @property
    def work_file(self) -> Path:
        """Staging and intermediate models; thrown away after the run."""
        return self.folder / "work.duckdb"

    @property
    def file(self) -> Path:
        """The published tables: this very file is audited and promoted."""
        return self.folder / "monitoring.duckdb"

    @property
    def inputs(self) -> Path:
        """What the draft is made of, for the publication to keep."""
        return self.folder / "inputs"


def prepare(layout: Layout, draft: Draft, inputs: Inputs) -> Draft:
    """Make the work file: schema ``raw`` with a view per source and the control tables.

    What the draft is made of is written beside it, for the publication to keep.

    Args:
        layout: the state root.
        draft: names a folder that is not there yet.
        inputs: accepted releases, the facts of every accepted submission (the view
            ``raw.submission_cell``), the history of ``fct_indicator`` (the view
            ``raw.published_value``) and the rows of the control tables.
    """
    draft.folder.mkdir(parents=True)
    write_inputs(layout, draft.inputs, inputs)
    with step("draft"), duckdb.connect(str(draft.work_file)) as connection:
        connection.execute("create schema raw")
        for table in inputs.tables.values():
            connection.execute(_raw_view(table))
        for name, paths, schema in (
            ("submission_cell", list(inputs.cells.values()), CELLS),
            ("published_value", inputs.published, PUBLISHED_VALUES),
        ):
            connection.register("no_rows", schema.empty_table())
            connection.execute(f"create table raw.no_{name} as select * from no_rows")  # noqa: S608
            connection.unregister("no_rows")
            connection.execute(_files_view(name, paths, schema.names))
        for name, rows in inputs.control.items():
            connection.register("rows", rows)
            connection.execute(f"create table raw.{name} as select * from rows")  # noqa: S608
            connection.unregister("rows")
        connection.register("rows", TOLD_CHANGES.empty_table())
        connection.execute("create table raw.publication_change as select * from rows")
    return draft


def tell_changes(draft: Draft, changes: pa.Table) -> None:
    """Give the draft what changed since the publication before."""
    with duckdb.connect(str(draft.work_file)) as connection:
        connection.register("rows", changes)
        connection.execute("delete from raw.publication_change")
        connection.execute("insert into raw.publication_change by name select * from rows")


def _raw_view(table: RawTable) -> str:
    """SQL of one view; an absent release gives the declared columns and no rows."""
    if not table.files:
        cells = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in table.columns)
        keys = "cast(null as varchar) as release_id, cast(null as timestamp) as recorded_at"
        return f'create view raw."{table.name}" as select {cells}, {keys} where false'
    there = set(pq.read_schema(table.files[0]).names)
    cells = ", ".join(_cell(name, kind, there) for name, kind in table.columns)
    release = "landed_id::varchar" if table.is_windowed else literal(table.release_id)
    keys = f"{release} as release_id, {literal(table.recorded_at)}"
    files = ", ".join(literal(path) for path in table.files)
    return (
        f'create view raw."{table.name}" as select {cells}, {keys}::timestamp as recorded_at '  # noqa: S608
        f"from read_parquet([{files}])"
    )


def _cell(name: str, kind: str, there: Collection[str]) -> str:
    """A declared column; one that the release in force does not have yet was never read."""
    if name in there:
        return f'"{name}"::{kind} as "{name}"'
    value = literal(NOT_READ) if name.endswith("_missing") else "null"
    return f'cast({value} as {kind}) as "{name}"'


def _files_view(name: str, paths: Sequence[Path], columns: Sequence[str]) -> str:
    """SQL of the view over many files; without one it has columns and no rows."""
    cells = ", ".join(f'"{column}"' for column in columns)
    if not paths:
        return f"create view raw.{name} as select * from raw.no_{name}"  # noqa: S608
    files = ", ".join(literal(path) for path in paths)
    return (
        f"create view raw.{name} as select {cells} from (select * from raw.no_{name} "  # noqa: S608
        f"union all by name select * from read_parquet([{files}], union_by_name = true))"
    )


def seal(draft: Draft) -> str:
    """Checkpoint and close the draft; from here on its digest says whether it was touched.

    Returns:
        The SHA-256 of the draft file.

    Raises:
        RuntimeError: a write-ahead log is left, so the file alone is not the whole draft.
    """
    with step("seal"), duckdb.connect(str(draft.file)) as connection:
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
