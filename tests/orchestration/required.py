"""The listed pilot municipalities with invented plans and evidence, and drafts that vary them."""

import csv
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from orchestration.settings import DBT_PROJECT
from tests.orchestration.reported import Built, Report, Row, Value, dbt

MODELS = ("+int_waivers_unioned", "int_requirement*", "fct_requirement*")


def pilots() -> list[str]:
    """Codes of the municipalities that the register lists."""
    with (DBT_PROJECT / "seeds" / "memberships.csv").open(encoding="utf-8") as file:
        return sorted(row["municipality_code"] for row in csv.DictReader(file))


PILOTS = pilots()
(
    BY_COMMITTEE, PLAN_ENDS, ONLY_PLANNED, SILENT, LATE, SENT_AN_OFFICIAL, ONLY_LISTENED,
    WITHDREW, NEVER_SIGNED, ONLY_LOCAL, SHARED_TWICE, CORRECTED,
) = PILOTS[:12]  # fmt: skip
EXEMPT_TO = date(2026, 10, 31)


def _rows(code: str, year: int) -> list[Row]:
    plan: dict[str, Value] = {
        "plan_id": "P", "title": "EKSEMPEL: plan", "approved_on": date(2020, 11, 2),
        "approved_by": "committee" if code == BY_COMMITTEE else "council",
        "evidence": "Eksempel: dagsorden",
    }  # fmt: skip
    if code == PLAN_ENDS:
        plan["valid_until"] = date(2025, 3, 31)
    action: dict[str, Value] = {
        "action_id": "H", "title": "EKSEMPEL: handling", "sector": "energy",
        "start_on": date(2022, 1, 1),
        "status": "planned" if code == ONLY_PLANNED else "ongoing",
    }  # fmt: skip
    return [
        Row("plans", "P", 5, plan),
        Row("actions", "H", 5, action),
        *_participations(code, year),
        *_signatures(code),
        *_sharing(code, year),
    ]


def _participations(code: str, year: int) -> list[Row]:
    summit: dict[str, Value] = {
        "kind": "summit", "held_on": date(year, 6, 4),
        "role": "other" if code == SENT_AN_OFFICIAL else "mayor",
    }  # fmt: skip
    workshop: dict[str, Value] = {
        "kind": "workshop", "held_on": date(year, 10, 2), "role": "other",
    }  # fmt: skip
    if code != ONLY_LISTENED:
        workshop["contribution"] = "EKSEMPEL: oplæg"
    return [
        Row("participations", "summit", 5, summit),
        Row("participations", "workshop", 6, workshop),
    ]


def _signatures(code: str) -> list[Row]:
    if code == NEVER_SIGNED:
        return []
    signature: dict[str, Value] = {
        "declaration_id": "c40_zero_waste", "signed_on": date(2022, 5, 1),
        "evidence": "Eksempel: sag",
    }  # fmt: skip
    if code == WITHDREW:
        signature["withdrawn_on"] = date(2025, 6, 1)
    return [Row("declaration_signatures", "c40_zero_waste", 5, signature)]


def _sharing(code: str, year: int) -> list[Row]:
    shared = [("local", 3), *([] if code == ONLY_LOCAL else [("c40", 11)])]
    if code == SHARED_TWICE:
        shared.append(("c40", 12))
    return [
        Row(
            "knowledge_sharing",
            f"{level}|{month}",
            5 + number,
            {"level": level, "shared_on": date(year, month, 12), "title": "EKSEMPEL: oplæg"},
        )
        for number, (level, month) in enumerate(shared)
    ]


def _reports(code: str) -> list[Report]:
    first = Report(
        f"{code}-2024", code, 2024, _rows(code, 2024), is_example=True,
        received_at="2025-03-01 10:00:00",
    )  # fmt: skip
    if code == SILENT:
        return [first]
    at = "2026-08-20 10:00:00" if code == LATE else "2026-03-01 10:00:00"
    second = Report(f"{code}-2025", code, 2025, _rows(code, 2025), is_example=True, received_at=at)
    if code != CORRECTED:
        return [first, second]
    corrected = replace(
        second, id=f"{code}-2025-b", supersedes=second.id, received_at="2026-09-01 10:00:00"
    )
    return [first, replace(second, is_in_force=False), corrected]


def _register(block: str, key: str, number: int, **fields: Value) -> Row:
    return Row(block, key, number, {**fields, "recorded_on": date(2026, 1, 2)})


REGISTERS = Report(
    "registers", None, 2026, form_id="registers", is_example=True,
    rows=[
        _register(
            "waivers", "W", 5, municipality_code=SILENT, requirement=2,
            valid_from=date(2026, 6, 15), expires_on=EXEMPT_TO,
            reason="EKSEMPEL: stormflod", evidence="Eksempel: sag 7",
        ),
        _register(
            "reply_remarks", "R", 5, municipality_code=LATE, report_year=2025, subject="Krav 2",
            remark_da="EKSEMPEL: Vi fik nyt system.", received_on=date(2026, 8, 10),
            evidence="Eksempel: brev",
        ),
        _register(
            "steering_seats", "S1", 5, municipality_code="0147", office_da="Borgmester",
            is_chair="true", valid_from_date=date(2021, 6, 4), valid_to_date=date(2023, 6, 3),
            evidence_da="EKSEMPEL",
        ),
        _register(
            "steering_seats", "S2", 6, municipality_code="0751", office_da="Borgmester",
            is_chair="true", valid_from_date=date(2023, 6, 1), valid_to_date=date(2024, 12, 31),
            evidence_da="EKSEMPEL",
        ),
        _register(
            "steering_seats", "S3", 7, municipality_code="0101", office_da="Borgmester",
            is_chair="false", valid_from_date=date(2026, 1, 1), evidence_da="EKSEMPEL",
        ),
        _register(
            "steering_seats", "S4", 8, municipality_code="0259", office_da="Borgmester",
            is_chair="false", valid_from_date=date(2026, 1, 1), evidence_da="EKSEMPEL",
        ),
        *(
            _register(
                "meetings", f"M{month}", month, meeting_id=f"M{month}", kind="steering_group",
                held_on=date(2024, month, 1), title_da="EKSEMPEL: møde", evidence_da="EKSEMPEL",
            )
            for month in (2, 5, 8, 11)
        ),
    ],
)  # fmt: skip
REPORTS = [*(report for code in PILOTS for report in _reports(code)), REGISTERS]


def varied(
    built: Built, folder: Path, changes: Sequence[str] = (), as_of: str | None = None
) -> Built:
    """A copy of a built draft with changed inputs, its requirements built anew.

    Args:
        built: the draft to start from; it stays as it is.
        folder: where the copy goes.
        changes: statements on the work file.
        as_of: another date of the run.
    """
    folder.mkdir()
    draft = replace(built.draft, folder=folder)
    shutil.copy(built.draft.work_file, draft.work_file)
    shutil.copy(built.draft.file, draft.file)
    with duckdb.connect(str(draft.work_file)) as connection:
        for change in changes:
            connection.execute(change)
        if as_of:
            connection.execute("update raw.run set as_of = ?::timestamp", [as_of])
    made = dbt(draft, "run", "--select", *MODELS)
    assert set(made.values()) == {"success"}, made
    return Built(draft)
