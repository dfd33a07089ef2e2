"""The facts of accepted submissions: Parquet, one file each, one row per understood cell."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.durable import put_in_place, temporary_beside
from warehouse.failpoints import step
from warehouse.layout import Layout
from warehouse.submissions import SOURCE_ID, Submission

CELLS = pa.schema(
    [
        ("submission_id", pa.string()),
        ("form_id", pa.string()),
        ("municipality_code", pa.string()),
        ("year", pa.int32()),
        ("block", pa.string()),
        ("row_key", pa.string()),
        ("row_number", pa.int32()),
        ("field", pa.string()),
        ("sheet", pa.string()),
        ("cell", pa.string()),
        ("value_text", pa.string()),
        ("value_number", pa.float64()),
        ("value_date", pa.date32()),
        ("notation_key", pa.string()),
        ("file_sha256", pa.string()),
        ("recorded_at", pa.timestamp("us")),
        ("is_example", pa.bool_()),
    ]
)


def write_cells(layout: Layout, submission_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the facts of one submission, whole or not at all."""
    path = layout.accepted / SOURCE_ID / f"{submission_id}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(path)
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=CELLS)
    with step("accepted"):
        pq.write_table(table, temporary, compression="zstd")
        put_in_place(temporary, path)


def cells_path(layout: Layout, submission: Submission) -> Path:
    """The facts of an accepted submission."""
    return (layout.accepted / SOURCE_ID / f"{submission.submission_id}.parquet").resolve()


def read_cells(layout: Layout, submissions: Iterable[Submission]) -> list[dict[str, Any]]:
    """The facts of accepted submissions, as rows of ``CELLS``."""
    rows: list[dict[str, Any]] = []
    for submission in submissions:
        rows += pq.read_table(cells_path(layout, submission)).to_pylist()
    return rows
