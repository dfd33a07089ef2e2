"""Findings: what is wrong with a submission, where, and how to put it right.

Texts, severities and help stand in ``codes.yml``, one entry per check; code names the place and
the figures. Severity ``error`` refuses the submission, ``warning`` goes with an accepted one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from ingestion.submissions.cells import Place

Severity = Literal["error", "warning"]
Layer = Literal[
    "file",
    "form",
    "cell",
    "row",
    "sheet",
    "across_sheets",
    "across_time",
    "across_municipalities",
    "public",
    "history",
]
LONGEST_FOUND = 120
MOST_TOLD, REST = 200, "findings-not-all-told"


class Code(BaseModel):
    """One check: what it is called, how grave it is, what it says. Texts may name figures in {}."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layer: Layer
    severity: Severity = "error"
    text_da: str
    text_en: str
    help_da: str
    help_en: str


@dataclass(frozen=True)
class Finding:
    """One fault at one place, in words for the person who reported."""

    code: str
    layer: str
    severity: Severity
    sheet: str | None
    cell: str | None
    field: str | None
    found: str | None
    text_da: str
    text_en: str
    help_da: str
    help_en: str

    def row(self) -> dict[str, Any]:
        """As plain data for JSON and tables."""
        return asdict(self)


@cache
def codes() -> dict[str, Code]:
    """Every check by its code."""
    text = (Path(__file__).parent / "codes.yml").read_text(encoding="utf-8")
    return {code: Code.model_validate(entry) for code, entry in yaml.safe_load(text).items()}


def finding(
    code: str, place: Place, *, field: str | None = None, found: object = None, **figures: object
) -> Finding:
    """State a fault.

    Args:
        code: an entry of ``codes.yml``.
        place: sheet and cell, or nothing for the whole file.
        field: the form's name of the field.
        found: what stands in the cell.
        figures: what the code's texts name in braces.

    Raises:
        KeyError: an unknown code, or a text that names a figure which was not given.
    """
    entry = codes()[code]
    shown = None if found is None else str(found)[:LONGEST_FOUND]
    words = {"found": shown, "sheet": place.sheet, "cell": place.cell, "field": field, **figures}
    return Finding(
        code=code,
        layer=entry.layer,
        severity=entry.severity,
        sheet=place.sheet,
        cell=place.cell,
        field=field,
        found=shown,
        text_da=entry.text_da.format(**words),
        text_en=entry.text_en.format(**words),
        help_da=entry.help_da.format(**words),
        help_en=entry.help_en.format(**words),
    )


def is_acceptable(findings: Iterable[Finding]) -> bool:
    """Whether nothing found refuses the submission."""
    return all(entry.severity != "error" for entry in findings)


def told(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What is told of a submission: the first 200 findings, errors first, and how many are left.

    More would help nobody, and a small file can have hundreds of thousands.

    Args:
        findings: all of them; they may hold what an earlier call gave.
    """
    rests = [entry for entry in findings if entry.code == REST]
    shown = [entry for entry in findings if entry.code != REST]
    left = len(shown) - MOST_TOLD + sum(int(entry.found or 0) for entry in rests)
    if len(shown) <= MOST_TOLD:
        return tuple(findings)
    shown.sort(key=lambda entry: entry.severity != "error")
    return (*shown[:MOST_TOLD], finding(REST, Place(), found=left, count=left))
