"""Invented example submissions, so that a first publication shows what reporting looks like.

They go through the same door as everybody's, as zip files of CSV sheets made from the form as it
is now. They are marked as examples wherever they stand and exist in the snapshot alone.
"""

from functools import cache
from typing import Any

import yaml

from ingestion.snapshot.storage import FOLDER
from ingestion.submissions.csv_bundle import write_bundle
from ingestion.submissions.filling import filled_form
from ingestion.submissions.form import Form
from ingestion.submissions.template import Prefill


@cache
def example_submissions(form: Form) -> tuple[tuple[str, bytes], ...]:
    """File name and bytes of each example, in the order they would come in."""
    paths = sorted((FOLDER / "data" / "submissions").glob("*.yml"))
    return tuple((f"eksempel-{path.stem}.zip", _bundle(form, path.read_text())) for path in paths)


def _bundle(form: Form, text: str) -> bytes:
    answers: dict[str, Any] = yaml.safe_load(text)
    code = answers["municipality_code"]
    prefill = Prefill(
        municipality_code=code,
        municipality_name=code,
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
