"""From a submitted number back to its sheet and cell, and through every version of the report."""

from pathlib import Path
from typing import Any

from warehouse.landing import read_sidecar
from warehouse.layout import Layout
from warehouse.submission_cells import read_cells
from warehouse.submissions import SOURCE_ID, Standing, Submission, chain_key, standings

SHOWN = ("value_number", "value_text", "value_date", "notation_key")


def submission_input(layout: Layout, file_sha256: str, place: str) -> dict[str, Any]:
    """One cell of an accepted submission, with what it replaced and what replaced it.

    Args:
        layout: the state root.
        file_sha256: the workbook.
        place: sheet and cell, such as ``Nøgletal!E7``.
    """
    sheet, cell = place.rsplit("!", 1)
    known = standings(layout)
    of_file = [
        s
        for s in known
        if s.submission.file_sha256 == file_sha256 and s.submission.verdict == "accepted"
    ]
    found = ((s, row) for s in of_file for row in read_cells(layout, [s.submission]))
    standing, row = next(
        ((s, row) for s, row in found if (row["sheet"], row["cell"]) == (sheet, cell)),
        (None, None),
    )
    landed = read_sidecar(layout, SOURCE_ID, file_sha256)
    return {
        "source_id": SOURCE_ID,
        "staging_model": f"stg_submissions__{row['block']}" if row else "stg_submissions__cells",
        "provider": "the municipality's report",
        "table": f"{standing.submission.form_id} {standing.submission.year}" if standing else "",
        "row_key": place,
        "row": row,
        "landed_file": str(Path("landing") / SOURCE_ID / landed.file_name),
        "url": landed.url,
        "retrieved_at": landed.retrieved_at,
        "transport": landed.transport,
        "licence": landed.licence,
        "submission": _told(standing) if standing else None,
        "versions": _versions(layout, known, standing.submission, row) if standing and row else [],
    }


def _told(standing: Standing) -> dict[str, Any]:
    submission = standing.submission
    return {
        "submission_id": submission.submission_id,
        "status": standing.status,
        "received_at": submission.received_at,
        "file_sha256": submission.file_sha256,
        "supersedes_id": standing.supersedes_id,
        "superseded_by_id": standing.superseded_by_id,
        "withdrawn_reason": standing.withdrawn_reason,
        "is_example": submission.is_example,
    }


def _versions(
    layout: Layout, known: list[Standing], submission: Submission, cell: dict[str, Any]
) -> list[dict[str, Any]]:
    """Every accepted version of the report, oldest first, with what stood in the same place."""
    versions = []
    key = (cell["block"], cell["row_key"], cell["field"])
    for standing in known:
        other = standing.submission
        if other.verdict != "accepted" or chain_key(other) != chain_key(submission):
            continue
        rows = read_cells(layout, [other])
        same = next((r for r in rows if (r["block"], r["row_key"], r["field"]) == key), None)
        value = next((same[n] for n in SHOWN if same[n] is not None), None) if same else None
        place = {"sheet": same["sheet"], "cell": same["cell"]} if same else {}
        versions.append({**_told(standing), "value": value, **place})
    return versions
