"""A dry run of handing in: the verdict and every finding, and nothing is kept."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from ingestion.submissions.facts import Fact
from ingestion.submissions.sandbox import Sandbox
from orchestration.arrivals import Arrival, read_arrival
from orchestration.earlier import Earlier
from orchestration.judging import Judged, hold_against, read
from orchestration.registers import catalogue
from orchestration.settings import Settings


def check_file(settings: Settings, path: Path) -> dict[str, Any]:
    """Judge one file as handing it in would.

    Returns:
        ``status`` (``acceptable`` or ``not acceptable``), what the file is, ``findings`` with
        sheet, cell, code and texts, ``missing`` required cells; an export with several reports
        also has them one by one under ``reports``.

    Raises:
        GateBrokenError: a check could not be judged.
    """
    arrival = read_arrival(path)
    reports = [_report(judged) for judged in _judged(settings, arrival)]
    if len(reports) == 1:
        return reports[0]
    is_good = all(report["status"] == "acceptable" for report in reports)
    return {
        "status": _word(is_acceptable=is_good),
        "file": arrival.file_name,
        "file_sha256": arrival.sha256,
        "findings": [entry for report in reports for entry in report["findings"]],
        "reports": reports,
    }


def _judged(settings: Settings, arrival: Arrival) -> Iterator[Judged]:
    """Year by year: what is acceptable is what later years are held against."""
    earlier = Earlier(settings.layout)
    with Sandbox(workers=1) as sandbox:
        reports = read(settings, [arrival], sandbox)
    before: list[Judged] = []
    for _year, group in groupby(sorted(reports, key=lambda entry: entry.year), lambda e: e.year):
        for judged in hold_against(settings, list(group), before):
            findings = (*judged.reading.findings, *earlier.findings(judged))
            known = replace(judged, reading=replace(judged.reading, findings=findings))
            yield known
            before += [known] if known.is_acceptable else []


def _word(*, is_acceptable: bool) -> str:
    return "acceptable" if is_acceptable else "not acceptable"


def _understood(fact: Fact) -> dict[str, Any]:
    """How a cell was read; private answers are in no fact."""
    known = (fact.number, fact.date, fact.notation_key, fact.text)
    value = next(entry for entry in known if entry is not None)
    place = {"sheet": fact.sheet, "cell": fact.cell, "row": fact.row_key, "field": fact.field}
    return {**place, "value": value}


def _report(judged: Judged) -> dict[str, Any]:
    reading, identity = judged.reading, judged.reading.identity
    code = identity.municipality_code if identity else reading.municipality_code
    severities = [entry.severity for entry in reading.findings]
    return {
        "status": _word(is_acceptable=judged.is_acceptable),
        "file": judged.arrival.file_name,
        "file_sha256": judged.arrival.sha256,
        "door": judged.door,
        "form_id": identity.form_id if identity else None,
        "form_version": identity.form_version if identity else None,
        "municipality_code": code,
        "municipality": catalogue().municipalities.get(code or ""),
        "year": identity.year if identity else None,
        "understood_cells": len(reading.facts),
        "understood": [_understood(fact) for fact in reading.facts],
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "findings": [entry.row() for entry in reading.findings],
        "missing": [vars(entry) for entry in reading.missing],
    }
