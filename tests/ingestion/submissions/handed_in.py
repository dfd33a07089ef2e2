"""A good report as cells, to be changed in one place and read again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.submissions.catalogue import Catalogue, read_catalogue
from ingestion.submissions.cells import Cell, FileCells, SheetCells, cell_name, cell_place
from ingestion.submissions.facts import Fact, Reading
from ingestion.submissions.filling import filled_form
from ingestion.submissions.findings import Finding
from ingestion.submissions.form import Block, Form, build_form
from ingestion.submissions.reading import read_submission
from ingestion.submissions.template import Prefill

SEEDS = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds"
THIS_YEAR = 2026

ANSWERS: dict[str, dict[str, dict[str, Any]]] = {
    "municipality": {
        "prepared_by": {"answer": "Ane Hansen"},
        "prepared_by_mail": {"answer": "ane@kommune.example"},
        "prepared_on": {"answer": date(2026, 3, 2)},
        "approved_by": {"answer": "Bo Jensen"},
        "approved_by_mail": {"answer": "bo@kommune.example"},
        "approved_on": {"answer": date(2026, 3, 9)},
    },
    "emissions": {
        "ghg_gpc_basic": {"value": 1234567.5, "gwp_set": "AR5", "grade_activity": "H"},
        "ghg_gpc_basic_transport": {"value": 1500, "gwp_set": "AR5"},
        "ghg_gpc_basic_waste": {"value": "IE", "explanation": "I ghg_gpc_basic_transport."},
        "ghg_own_operations": {"value": "NE", "explanation": "Opgøres fra næste år."},
    },
    "key_figures": {
        "buses_total": {"value": 20},
        "buses_electric": {"value": 2},
        "buses_hydrogen": {"value": 1},
        "buses_biogas": {"value": 0, "evidence_class": "confirmed_zero"},
        "buses_hvo": {"value": "NO", "explanation": "Ingen HVO i kommunen."},
        "buses_hybrid": {"value": 7},
        "renewable_consumption_gwh": {"value": 12.5},
    },
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "emission_sources": [
        {"boundary": "gpc_basic", "gpc_reference": "I.1", "value": 12.5, "gwp_set": "AR5"},
        {"boundary": "gpc_basic", "gpc_reference": "I.1.2", "value": 3, "gwp_set": "AR5"},
    ],
    "plans": [
        {
            "plan_id": "P1",
            "title": "Klimaplan",
            "approved_on": date(2021, 5, 1),
            "approved_by": "council",
            "evidence": "https://kommune.example/dagsorden/12",
        }
    ],
    "actions": [
        {
            "action_id": "H1",
            "title": "Varmepumper",
            "sector": "energy",
            "status": "ongoing",
            "full_effect_year": 2030,
            "finance_dkk": 1250000,
        }
    ],
    "partnerships": [
        {
            "cvr": "12345678",
            "agreement_id": "A-1",
            "business_name": "Fabrikken",
            "from_on": date(2024, 1, 1),
            "saved_mwh": 40,
        }
    ],
}


@cache
def catalogue() -> Catalogue:
    return read_catalogue(SEEDS)


@cache
def form() -> Form:
    return build_form("report", catalogue())


@cache
def _good() -> FileCells:
    cells = {
        (block, key, field): value
        for block, rows in ANSWERS.items()
        for key, fields in rows.items()
        for field, value in fields.items()
    }
    return filled_form(form(), Prefill("0147", "Frederiksberg", 2025, cells, ROWS))


class Report:
    """A good report, yours to change."""

    def __init__(self) -> None:
        self.cells = {sheet.name: dict(sheet.cells) for sheet in _good().sheets}
        self.more: dict[str, dict[str, Any]] = {}

    def place(self, block_id: str, row: str | int, field: str) -> tuple[str, str]:
        """Sheet and cell of a field, in a fixed row by key or a free row counted from 0."""
        block = form().block(block_id)
        return block.sheet, cell_name(row_number(block, row), block.column(field))

    def put(self, sheet: str, cell: str, value: Cell | str | float | None) -> None:
        """Write a cell; None empties it."""
        place = cell_place(cell)
        if value is None:
            self.cells[sheet].pop(place, None)
        elif isinstance(value, Cell):
            self.cells[sheet][place] = value
        else:
            kind: Any = "text" if isinstance(value, str) else "number"
            self.cells[sheet][place] = Cell(kind, value)

    def answer(
        self, block: str, row: str | int, field: str, value: Cell | str | float | None
    ) -> tuple[str, str]:
        """Write an answer; return its place."""
        sheet, cell = self.place(block, row, field)
        self.put(sheet, cell, value)
        return sheet, cell

    def shift_rows(self, sheet: str, first: int, by: int) -> None:
        """Insert rows before a row, or delete those above it, as a spreadsheet does."""
        gone = range(first + by, first)
        self.cells[sheet] = {
            (row + by if row >= first else row, column): cell
            for (row, column), cell in self.cells[sheet].items()
            if row not in gone
        }

    def shift_columns(self, sheet: str, first: int, by: int, rows: range) -> None:
        """Insert columns before a column, or delete those left of it, in some rows."""
        gone = range(first + by, first)
        self.cells[sheet] = {
            (row, column + by if row in rows and column >= first else column): cell
            for (row, column), cell in self.cells[sheet].items()
            if row not in rows or column not in gone
        }

    def file(self) -> FileCells:
        """The file, with what was said of its sheets."""
        sheets = [
            replace(SheetCells(name, cells), **self.more.get(name, {}))
            for name, cells in self.cells.items()
        ]
        return FileCells(tuple(sheets))

    def read(self) -> Reading:
        """Read the report against the form."""
        return read_submission(self.file(), form(), catalogue().municipalities, THIS_YEAR)


def row_number(block: Block, row: str | int) -> int:
    """The row in the sheet of a fixed row by key, or of a free row counted from 0."""
    if isinstance(row, int):
        return block.first_row + row
    return block.first_row + [fixed.key for fixed in block.fixed_rows].index(row)


def told(reading: Reading) -> list[tuple[str, str | None, str | None]]:
    """Code, sheet and cell of every finding."""
    return [(finding.code, finding.sheet, finding.cell) for finding in reading.findings]


def only(reading: Reading) -> Finding:
    """The one finding there must be."""
    (finding,) = reading.findings
    return finding


def fact(reading: Reading, block: str, row_key: str, field: str) -> Fact | None:
    """A fact by its address."""
    found: Mapping[tuple[str, str, str], Fact] = {
        (entry.block, entry.row_key, entry.field): entry for entry in reading.facts
    }
    return found.get((block, row_key, field))
