"""What a submission says, cell by cell, once every cell has been understood."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from ingestion.submissions.findings import Finding
from ingestion.submissions.identity import Identity


@dataclass(frozen=True)
class Fact:
    """One understood cell. Exactly one of text, number, date and notation key is set.

    ``row_key`` is the key of a fixed row, or the key fields of a free row joined by ``|``. Choices
    are stored as their code.
    """

    block: str
    row_key: str
    row: int
    field: str
    sheet: str
    cell: str
    text: str | None = None
    number: float | None = None
    date: datetime.date | None = None
    notation_key: str | None = None


@dataclass(frozen=True)
class Missing:
    """A required cell that is empty."""

    sheet: str
    cell: str
    label: str


@dataclass(frozen=True)
class Reading:
    """One file read against its form.

    ``identity`` is None when the file does not say which form it is, or for whom and which year;
    ``municipality_code`` may be known all the same. ``contacts`` holds the private answers by row
    key, which never reach a table.
    """

    identity: Identity | None
    facts: tuple[Fact, ...]
    findings: tuple[Finding, ...]
    missing: tuple[Missing, ...]
    contacts: Mapping[str, str]
    municipality_code: str | None = None
