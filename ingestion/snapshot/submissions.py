"""Invented example submissions, so that a first publication shows what reporting looks like.

They go through the same door as everybody's, as zip files of CSV sheets made from the form as it
is now. They are marked as examples wherever they stand and exist in the snapshot alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingestion.snapshot.storage import FOLDER
from ingestion.submissions.csv_bundle import write_bundle
from ingestion.submissions.filling import filled_form
from ingestion.submissions.form import Form
from ingestion.submissions.template import Prefill


@dataclass(frozen=True)
class Example:
    """An invented report as a file, and when it is said to have come in: UTC in ISO form."""

    file_name: str
    content: bytes
    received_at: str


def example_submissions(form: Form, names: Mapping[str, str]) -> list[Example]:
    """Each example, in the order they would come in.

    They come in on days of their own, whenever they are taken in, so that what is held against a
    deadline does not depend on the day of the run.

    Args:
        form: the yearly report.
        names: Danish name by 4-digit code.
    """
    paths = sorted((FOLDER / "data" / "submissions").glob("*.yml"))
    return [_example(form, names, path) for path in paths]


def _example(form: Form, names: Mapping[str, str], path: Path) -> Example:
    answers: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Example(
        file_name=f"eksempel-{path.stem}.zip",
        content=_bundle(form, names, answers),
        received_at=f"{answers['received_on']}T10:00:00+00:00",
    )


def _bundle(form: Form, names: Mapping[str, str], answers: Mapping[str, Any]) -> bytes:
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
