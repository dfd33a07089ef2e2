"""Rows of free tables: what they add up to, and which of them are one row where it is published."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from expectations.submission_batch import References
from expectations.submission_gate import judge_submissions
from ingestion.submissions.cells import Cell
from ingestion.submissions.personal import LIKE_AN_ADDRESS
from orchestration.settings import DBT_PROJECT
from tests.expectations.reports import (
    LAST_YEAR,
    TODAY,
    FullReport,
    cells_of,
    forms,
    references,
)
from tests.ingestion.submissions.handed_in import catalogue, form

NOTHING = References(TODAY)
SUMMED = {
    ("partnerships", "saved_mwh"): "business_partnerships_saved_mwh",
    ("adaptation_projects", "cost_dkk"): "adaptation_(.*_)?investment_dkk",
    ("adaptation_projects", "retention_m3"): "adaptation_.*_retention_m3",
    ("adaptation_projects", "buildings_protected"): "adaptation_.*_buildings_protected",
    ("adaptation_projects", "damage_before_dkk"): "adaptation_.*_avoided_damage_.*_dkk",
}


def test_a_field_that_is_summed_has_the_limit_of_its_indicators() -> None:
    """So a sum that the gate lets through lies within the catalogue."""
    found = set()
    for (block, name), pattern in SUMMED.items():
        asked = next(field for field in form().block(block).fields if field.id == name)
        made = [id_ for id_ in catalogue().indicators if re.fullmatch(pattern, id_)]
        found |= set(made)
        limits = {float(catalogue().indicators[id_]["valid_max"]) for id_ in made}
        assert limits == {asked.maximum}, name
    rows = catalogue().registers["indicator_inputs"]
    datasets = ("municipal_partnerships", "municipal_adaptation_projects")
    summed = {row["indicator_id"] for row in rows if row["dataset"] in datasets}
    counts = {id_ for id_ in summed if id_.endswith(("_active", "_completed"))}
    assert summed - counts == found
    most = max(
        form().block("partnerships").free_rows, form().block("adaptation_projects").free_rows
    )
    assert all(float(catalogue().indicators[id_]["valid_max"]) >= most for id_ in counts)


def sums_told(block: str, *rows: dict[str, Any]) -> list[tuple[str, str | None]]:
    """What is said of these rows and nothing else of their table."""
    report = FullReport()
    for number in range(2):
        for field in form().block(block).inputs:
            report.answer(block, number, field.id, None)
    for number, row in enumerate(rows):
        for name, value in row.items():
            report.answer(block, number, name, as_cell(value))
    (found,) = judge_submissions([report.read()], forms(), NOTHING)
    return [(entry.code, entry.cell) for entry in found if entry.code == "rows-sum-too-large"]


def as_cell(value: Any) -> Any:
    return Cell("date", value.isoformat()) if isinstance(value, date) else value


AGREEMENT = {"cvr": "00000019", "business_name": "Fabrikken", "from_on": date(2024, 1, 1)}
PROJECT = {"title": "Dige", "hazard": "coast", "completed_on": date(2025, 6, 1)}


def test_only_what_enters_one_indicator_is_summed() -> None:
    large, ended = {"saved_mwh": 600_000}, {"to_on": date(2025, 6, 1)}
    one, two = ({**AGREEMENT, **large, "agreement_id": id_} for id_ in ("A", "B"))
    assert sums_told("partnerships", one, {**two, **ended}) == []
    assert sums_told("partnerships", one, {**two, "saved_mwh": 400_000}) == []
    cell = FullReport().place("partnerships", 1, "saved_mwh")[1]
    more = {**two, "saved_mwh": 600_001}
    assert sums_told("partnerships", one, more) == [("rows-sum-too-large", cell)]
    coast, wind = ({**PROJECT, "buildings_protected": 600_000, "project_id": i} for i in "AB")
    assert sums_told("adaptation_projects", coast, {**wind, "hazard": "wind"}) == []
    earlier = {**wind, "completed_on": date(2024, 6, 1)}
    assert sums_told("adaptation_projects", coast, earlier) == []
    cell = FullReport().place("adaptation_projects", 0, "buildings_protected")[1]
    assert sums_told("adaptation_projects", coast, wind) == [("rows-sum-too-large", cell)]


def test_damage_that_only_events_tell_is_summed_too() -> None:
    report = FullReport()
    for number, name in enumerate(("K1", "K2", "K1", "K2")):
        point = {"project_id": name, "return_period_years": 1 + number // 2}
        damages = {"damage_before_dkk": 6e10, "damage_after_dkk": 0}
        for field, value in {**point, **damages}.items():
            report.answer("damage_points", number, field, value)
    for number in range(2):
        report.answer("adaptation_projects", number, "hazard", "Stormflod")
        for field in ("damage_before_dkk", "damage_after_dkk"):
            report.answer("adaptation_projects", number, field, None)
    (found,) = judge_submissions([report.read()], forms(), NOTHING)
    place = report.place("adaptation_projects", 0, "damage_before_dkk")
    assert [(e.code, e.sheet, e.cell) for e in found] == [("rows-sum-too-large", *place)]


@pytest.mark.parametrize(
    ("first", "second"),
    [("A 1", "A  1"), ("A 1", "A\n1")],
)
def test_rows_that_would_be_one_published_row_have_the_same_key(first: str, second: str) -> None:
    report = FullReport()
    for number, name in enumerate((first, second)):
        report.answer("actions", number, "action_id", name)
    (found,) = judge_submissions([report.read()], forms(), NOTHING)
    place = report.place("actions", 1, "action_id")
    assert [(e.code, e.sheet, e.cell) for e in found] == [("row-key-duplicate", *place)]


def test_an_id_with_other_spaces_is_the_same_id_next_year() -> None:
    last, now = FullReport(LAST_YEAR), FullReport()
    for report, name in ((last, "H  1"), (now, "H 1")):
        report.answer("actions", 0, "action_id", name)
    now.answer("targets", 1, "replaces", None)
    last.answer("targets", 1, "target_id", None)
    for field in form().block("targets").inputs:
        last.answer("targets", 1, field.id, None)
    against = replace(references(), accepted=cells_of(last.read()))
    assert judge_submissions([now.read()], forms(), against) == [[]]


def test_gate_and_tables_take_the_same_for_a_mail_address() -> None:
    macro = DBT_PROJECT / "macros" / "without_mail_addresses.sql"
    assert f"'{LIKE_AN_ADDRESS}'" in macro.read_text(encoding="utf-8")
