"""What a publication is made of, kept so that it can be made again; never published itself.

Accepted releases and the facts of submissions stay where they are and are named with their digest;
the rows that only a run knows (states, findings, the log, the clock) are kept whole below
``inputs/<version>/``; registers and SQL are the dbt project of that day, kept once for all
publications that were made with it.
"""

import json
import shutil
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.durable import (
    fsync_file,
    fsync_folder,
    put_in_place,
    rename,
    sha256_of_file,
    temporary_beside,
    write_json,
)
from warehouse.failpoints import step
from warehouse.layout import INPUTS_LIST, Layout

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
            ("released_by", TEXT),
            ("released_at", STAMP),
            ("release_reason", TEXT),
            ("released_holds", TEXT),
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
            ("decision_number", pa.int32()),
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

Row = Mapping[str, Any]


class InputsError(RuntimeError):
    """What a publication was made of is not there any more, or not what it was."""


@dataclass(frozen=True)
class RawTable:
    """One accepted table as dbt sees it: columns (name, DuckDB type) and the release in force.

    Without ``files`` nothing has been accepted: the table is then there, and empty. With
    ``is_windowed`` every row names the landed bytes it was read from in ``landed_id``.
    """

    name: str
    columns: Sequence[tuple[str, str]]
    files: Sequence[Path] = ()
    release_id: str | None = None
    recorded_at: str | None = None
    is_windowed: bool = False


@dataclass(frozen=True)
class Inputs:
    """All that dbt is given.

    ``tables``: source → its accepted release; ``control``: the rows of each of ``CONTROL_TABLES``;
    ``cells``: accepted submission → its facts; ``published``: the history of ``fct_indicator``;
    ``project``: the dbt project, by its digest.
    """

    tables: Mapping[str, RawTable]
    control: Mapping[str, pa.Table]
    cells: Mapping[str, Path]
    published: Sequence[Path]
    project: str

    def digests(self) -> dict[Path, str]:
        """SHA-256 of every accepted file."""
        accepted = [path for table in self.tables.values() for path in table.files]
        files = [*accepted, *self.cells.values(), *self.published]
        return {path: sha256_of_file(path) for path in files}


def control_of(rows: Mapping[str, Sequence[Row]]) -> dict[str, pa.Table]:
    """Typed tables of a run's own rows; one without rows has its columns all the same."""
    return {
        name: pa.Table.from_pylist([dict(row) for row in rows.get(name, ())], schema=schema)
        for name, schema in CONTROL_TABLES.items()
    }


def write_inputs(layout: Layout, folder: Path, inputs: Inputs) -> None:
    """Write the inputs into a new folder; accepted files are named relative to the state root."""
    home, digests = layout.home.resolve(), inputs.digests()

    def kept(path: Path) -> dict[str, str]:
        return {"file": str(path.resolve().relative_to(home)), "sha256": digests[path]}

    folder.mkdir()
    for name, table in inputs.control.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    tables = {
        name: {
            "columns": [list(column) for column in table.columns],
            "release_id": table.release_id,
            "recorded_at": table.recorded_at,
            "files": [kept(path) for path in table.files],
            "is_windowed": table.is_windowed,
        }
        for name, table in inputs.tables.items()
    }
    named = {
        "project": inputs.project,
        "tables": tables,
        "submissions": {name: kept(path) for name, path in inputs.cells.items()},
        "published": [kept(path) for path in inputs.published],
        "rows": {name: sha256_of_file(folder / f"{name}.parquet") for name in inputs.control},
    }
    write_json(folder / INPUTS_LIST, named)


def keep_inputs(layout: Layout, folder: Path, version: str) -> dict[str, Any]:
    """Keep a draft's inputs under the version it becomes; return what they are, by digest."""
    kept = layout.inputs / version
    unfinished = temporary_beside(kept)
    shutil.rmtree(unfinished, ignore_errors=True)
    with step("inputs"):
        shutil.copytree(folder, unfinished)
    for path in unfinished.iterdir():
        fsync_file(path)
    rename(unfinished, kept)
    fsync_folder(layout.inputs)
    named: dict[str, Any] = json.loads((kept / INPUTS_LIST).read_text(encoding="utf-8"))
    return named


def read_inputs(layout: Layout, version: str) -> Inputs:
    """What a publication was made of, every file checked against its digest.

    Raises:
        InputsError: nothing was kept, or a file is gone or changed; names them.
    """
    folder, home = layout.inputs / version, layout.home.resolve()
    try:
        named = json.loads((folder / INPUTS_LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputsError(f"The inputs of {version} were not kept, or are gone.") from error
    wanted = {home / entry["file"]: entry["sha256"] for entry in _entries(named)}
    wanted |= {folder / f"{name}.parquet": digest for name, digest in named["rows"].items()}
    if faults := [fault for path, digest in wanted.items() if (fault := _fault(path, digest))]:
        raise InputsError("; ".join(faults))
    return Inputs(
        tables={name: _table(home, name, entry) for name, entry in named["tables"].items()},
        control={name: pq.read_table(folder / f"{name}.parquet") for name in named["rows"]},
        cells={name: home / entry["file"] for name, entry in named["submissions"].items()},
        published=[home / entry["file"] for entry in named["published"]],
        project=named["project"],
    )


def _entries(named: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    tables = [file for table in named["tables"].values() for file in _files(table)]
    return [*tables, *named["submissions"].values(), *named["published"]]


def _files(table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The files of a table; lists made before there were windows name one, or none, in it."""
    if "files" in table:
        return list(table["files"])
    return [table] if table["file"] else []


def _fault(path: Path, digest: str) -> str | None:
    """What is wrong with a kept file, by its place below the state root."""
    told = "/".join(path.parts[-3:])
    if not path.exists():
        return f"{told} is gone"
    return None if sha256_of_file(path) == digest else f"{told} was changed"


def _table(home: Path, name: str, entry: Mapping[str, Any]) -> RawTable:
    return RawTable(
        name=name,
        columns=[(column, kind) for column, kind in entry["columns"]],
        files=[home / file["file"] for file in _files(entry)],
        release_id=entry["release_id"],
        recorded_at=entry["recorded_at"],
        is_windowed=entry.get("is_windowed", False),
    )


def keep_project(layout: Layout, digest: str, project: Path, files: Iterable[Path]) -> None:
    """Keep a dbt project under its digest, once, as one archive.

    Args:
        layout: the state root.
        digest: of all its files.
        project: the folder of the project.
        files: those that count, all below it.
    """
    kept = _archive(layout, digest)
    if kept.exists():
        return
    unfinished = temporary_beside(kept)
    with step("project"), zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, str(path.relative_to(project)))
    put_in_place(unfinished, kept)


def unpack_project(layout: Layout, digest: str, folder: Path) -> None:
    """Put a kept dbt project into a new folder.

    Raises:
        InputsError: it is not there, or cannot be read.
    """
    try:
        with zipfile.ZipFile(_archive(layout, digest)) as archive:
            archive.extractall(folder)
    except (OSError, zipfile.BadZipFile) as error:
        raise InputsError(f"The dbt project {digest[:16]} cannot be read: {error}.") from error


def _archive(layout: Layout, digest: str) -> Path:
    return layout.projects / f"{digest}.zip"
