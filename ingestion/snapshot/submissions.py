"""Invented example submissions, so that a first publication shows what reporting looks like.

They go through the same door as everybody's, as zip files of CSV sheets made from the form as it
is now. They are marked as examples wherever they stand and exist in the snapshot alone.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ingestion.snapshot.storage import FOLDER
from ingestion.submissions.csv_bundle import write_bundle
from ingestion.submissions.filling import filled_form
from ingestion.submissions.form import Form
from ingestion.submissions.template import Prefill


def example_submissions(form: Form, names: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """File name and bytes of each example, in the order they would come in.

    Args:
        form: the yearly report.
        names: Danish name by 4-digit code.
    """
    paths = sorted((FOLDER / "data" / "submissions").glob("*.yml"))
    return [(f"eksempel-{path.stem}.zip", _bundle(form, names, path)) for path in paths]


def _bundle(form: Form, names: Mapping[str, str], path: Path) -> bytes:
    answers: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    code = answers["municipality_code"]
    prefill = Prefill(
        municipality_code=code,
        municipality_name=names[code],
        year=answers["year"],
        cells={
            (block, key, field): value
            for block, rows in answers["cells"].items()
            for key, fields in rows.items()
            for field, value in fields.items()
        },
        rows=answers["rows"],
    )
    return write_bundle(filled_form(form, prefill))
