"""Reports of whole municipalities as files, made from the form, for trials of the whole way."""

import io
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import openpyxl

from ingestion.submissions.cells import FileCells
from ingestion.submissions.csv_bundle import write_bundle
from ingestion.submissions.filling import filled_form
from ingestion.submissions.template import Prefill, write_template
from orchestration.arrivals import Arrival
from tests.ingestion.submissions.handed_in import catalogue, form

SIGNED = {
    "prepared_by": "Ane Hansen",
    "prepared_by_mail": "ane@kommune.example",
    "prepared_on": date(2026, 3, 2),
    "approved_by": "Bo Jensen",
    "approved_by_mail": "bo@kommune.example",
    "approved_on": date(2026, 3, 9),
}
BUSES = {
    "buses_total": 40,
    "buses_electric": 10,
    "buses_hydrogen": 0,
    "buses_biogas": 5,
    "buses_hvo": 5,
    "buses_hybrid": 0,
    "buses_fossil": 20,
}


def prefill(code: str, year: int = 2025, **key_figures: float) -> Prefill:
    """A signed report of key figures; every municipality has figures of its own."""
    number = int(code)
    figures: dict[str, float] = {**BUSES, "dwellings_total": 1000 + number, **key_figures}
    cells: dict[tuple[str, str, str], Any] = {
        ("municipality", key, "answer"): value for key, value in SIGNED.items()
    }
    cells |= {("key_figures", key, "value"): value for key, value in figures.items()}
    cells["key_figures", "dwellings_labelled", "value"] = 100 + number
    cells["emissions", "ghg_own_operations", "value"] = 1000.25 + number
    cells["emissions", "ghg_own_operations", "gwp_set"] = "AR5"
    return Prefill(code, catalogue().municipalities[code], year, cells, {})


def bundle(code: str, year: int = 2025, **key_figures: float) -> Arrival:
    """A good report as a zip of CSV sheets."""
    return Arrival(f"{code}.zip", write_bundle(grid(code, year, **key_figures)))


def grid(code: str, year: int = 2025, **key_figures: float) -> FileCells:
    """A good report as cells."""
    return filled_form(form(), prefill(code, year, **key_figures))


@cache
def _template(code: str, year: int) -> bytes:
    return write_template(form(), prefill(code, year))


def workbook(
    code: str, year: int = 2025, answers: Mapping[tuple[str, str], Any] | None = None
) -> Arrival:
    """A good report as a workbook, with (sheet, cell) → value written over it."""
    book = openpyxl.load_workbook(io.BytesIO(_template(code, year)))
    for (sheet, cell), value in (answers or {}).items():
        book[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return Arrival(f"{code}.xlsx", out.getvalue())
