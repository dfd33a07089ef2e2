"""Reports of all municipalities made from public figures: what is caught of the faults that go in
unseen, and that nothing is said of reports without a fault.
"""

import csv
import random
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from expectations.submission_batch import References
from expectations.submission_gate import judge_submissions
from ingestion.submissions.cells import cell_name
from ingestion.submissions.facts import Fact, Reading
from ingestion.submissions.findings import Finding
from ingestion.submissions.form import Block
from ingestion.submissions.identity import Identity
from tests.expectations.reports import TODAY, cells_of, forms
from tests.ingestion.submissions.handed_in import catalogue, form, row_number

FIGURES = Path(__file__).resolve().parents[3] / "shared" / "data" / "figures"
ACCOUNT, AREA = "ghg_danish_account", "ghg_territorial"
SECTORS = ("energy", "transport", "agriculture", "waste", "industry")
AREA_SECTORS = {
    "stationary_energy": "energy",
    "transport": "transport",
    "waste": "waste",
    "industrial_processes": "industry",
    "agriculture_land_use": "agriculture",
}
YEAR = 2023
HARD_SHARE, SUBTLE_SHARE = 0.99, 0.90
pytestmark = pytest.mark.skipif(not FIGURES.exists(), reason=f"there are no figures in {FIGURES}")

Figures = dict[str, float]
Change = Callable[[random.Random, Figures], Figures]


def table(name: str) -> list[dict[str, str]]:
    with (FIGURES / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def account(year: int) -> dict[str, Figures]:
    """Sectors of the public account by municipality, in t CO2e."""
    return {
        row["municipality_code"]: {name: float(row[f"{name}_tco2e"]) for name in SECTORS}
        for row in table("klimaregnskab_emissions")
        if row["year"] == str(year)
    }


@cache
def dwellings() -> dict[str, int]:
    rows = table("bol102_dwellings_by_heating_2026")
    return {row["municipality_code"]: int(row["total"]) for row in rows}


def figures_of(code: str, year: int, noise: random.Random, size: float) -> Figures:
    """What a municipality would report: its public figures, a little off."""

    def near(value: float) -> float:
        return value * (1 + noise.uniform(-size, size))

    public = account(year)[code]
    own = {f"{ACCOUNT}_{name}": round(near(public[name]), 1) for name in SECTORS}
    area = {f"{AREA}_{name}": round(near(public[of]), 2) for name, of in AREA_SECTORS.items()}
    homes = dwellings()[code]
    labels = round(near(homes * 0.42))
    counts = {
        "dwellings_total": round(near(homes)),
        "dwellings_labelled": round(near(homes * 0.55)),
        "dwellings_renovated": round(near(homes * 0.03)),
        "labels_valid": labels,
        "labels_a_to_c": round(near(labels * 0.5)),
        "vans_total": round(near(homes * 0.12)),
        "vans_electric": round(near(homes * 0.012)),
        "gross_final_consumption_gwh": round(near(homes * 0.03), 1),
        "renewable_consumption_gwh": round(near(homes * 0.012), 1),
    }
    return {
        **own,
        ACCOUNT: round(sum(own.values()), 1),
        **area,
        AREA: round(sum(area.values()), 2),
        **counts,
    }


def reading(code: str, year: int, figures: Figures) -> Reading:
    """The figures as a file that was read; what they are is what they were understood to be."""
    blocks = (form().block("emissions"), form().block("key_figures"))
    facts = [
        fact
        for block in blocks
        for row in block.fixed_rows
        if row.key in figures
        for fact in facts_of(block, row.key, figures[row.key])
    ]
    return Reading(Identity("report", form().version, code, year), tuple(facts), (), (), {})


def facts_of(block: Block, key: str, figure: float) -> list[Fact]:
    number = row_number(block, key)

    def fact(field: str, **value: Any) -> Fact:
        place = block.sheet, cell_name(number, block.column(field))
        return Fact(block.id, key, number, field, *place, **value)

    told = [fact("value", number=figure)]
    return told + ([fact("gwp_set", text="AR5")] if block.id == "emissions" else [])


def public(years: range) -> list[dict[str, Any]]:
    return [
        {
            "municipality_code": code,
            "indicator_id": name,
            "year": year,
            "value": value,
            "tolerance_rel": float(catalogue().indicators[name]["tolerance_rel"]),
        }
        for year in years
        for code, sectors in account(year).items()
        for name, value in {
            **{f"{ACCOUNT}_{name}": figure for name, figure in sectors.items()},
            ACCOUNT: sum(sectors.values()),
        }.items()
    ]


@cache
def reports(seed: int, size: float) -> dict[str, Figures]:
    noise = random.Random(seed)
    return {code: figures_of(code, YEAR, noise, size) for code in sorted(account(YEAR))}


@cache
def last() -> dict[str, Figures]:
    return reports(1, 0.04)


@cache
def now() -> dict[str, Figures]:
    return reports(2, 0.005)


def pick(chance: random.Random, figures: Figures, least: float = 0.5) -> str:
    return chance.choice([name for name, value in figures.items() if abs(value) >= least])


def scaled(factor: float, least: float) -> Change:
    def change(chance: random.Random, figures: Figures) -> Figures:
        name = pick(chance, figures, least)
        value = figures[name] * factor
        return {**figures, name: value if name.startswith("ghg") else round(value)}

    return change


def all_scaled(factor: float) -> Change:
    return lambda chance, figures: {
        name: value * factor if name.startswith("ghg") else value for name, value in figures.items()
    }


def unbalanced(chance: random.Random, figures: Figures) -> Figures:
    """A sector three per cent off, as after a correction that the whole did not get."""
    sectors = {
        name: value
        for name, value in figures.items()
        if name.startswith("ghg_") and name not in (ACCOUNT, AREA)
    }
    name = pick(chance, sectors, 100)
    return {**figures, name: figures[name] * 1.03}


def sign_turned(chance: random.Random, figures: Figures) -> Figures:
    name = pick(chance, figures)
    return {**figures, name: -figures[name]}


def rows_swapped(chance: random.Random, figures: Figures) -> Figures:
    """Two neighbouring rows of the form."""
    keys = [row.key for block in form().blocks for row in block.fixed_rows if row.key in figures]
    pairs = [(a, b) for a, b in pairwise(keys) if a[:3] == b[:3]]
    one, other = chance.choice([(a, b) for a, b in pairs if figures[a] != figures[b]])
    return {**figures, one: figures[other], other: figures[one]}


def zero_for_missing(chance: random.Random, figures: Figures) -> Figures:
    return {**figures, pick(chance, figures): 0.0}


def whole_is_zero(chance: random.Random, figures: Figures) -> Figures:
    return {**figures, chance.choice([ACCOUNT, AREA]): 0.0}


HARD: Mapping[str, Change] = {
    "a figure times 1000": scaled(1e3, 0.5),
    "a figure divided by 1000": scaled(1e-3, 1000),
    "all emissions times 1000": all_scaled(1e3),
    "all emissions divided by 1000": all_scaled(1e-3),
    "sectors that do not sum": unbalanced,
}
SUBTLE: Mapping[str, Change] = {
    "a sign turned": sign_turned,
    "two rows swapped": rows_swapped,
    "zero for missing": zero_for_missing,
    "zero for a missing whole": whole_is_zero,
}


def neighbour(code: str) -> str:
    codes = sorted(now())
    return codes[(codes.index(code) + 1) % len(codes)]


@cache
def found() -> dict[str, list[list[Finding]]]:
    """What is found of each kind of fault, by municipality."""
    chance = random.Random(3)
    kinds = {"no fault": dict(now())}
    for kind, change in {**HARD, **SUBTLE}.items():
        kinds[kind] = {code: change(chance, figures) for code, figures in now().items()}
    kinds["last year copied"] = dict(last())
    kinds["two municipalities swapped"] = {code: now()[neighbour(code)] for code in now()}
    told = judged(kinds, accepted_now=False)
    copied = {"another municipality copied": kinds["two municipalities swapped"]}
    return told | judged(copied, accepted_now=True)


def judged(
    kinds: Mapping[str, Mapping[str, Figures]], *, accepted_now: bool
) -> dict[str, list[list[Finding]]]:
    accepted = [row for code, f in last().items() for row in cells_of(reading(code, YEAR - 1, f))]
    if accepted_now:
        accepted += [row for code, f in now().items() for row in cells_of(reading(code, YEAR, f))]
    against = References(TODAY, catalogue().shares, accepted, public(range(2018, YEAR + 1)))
    readings = [reading(code, YEAR, f) for kind in kinds.values() for code, f in kind.items()]
    findings = iter(judge_submissions(readings, forms(), against))
    return {kind: [next(findings) for _ in each] for kind, each in kinds.items()}


def share(kind: str) -> float:
    caught = [bool(findings) for findings in found()[kind]]
    return sum(caught) / len(caught)


def test_nothing_is_said_of_reports_without_a_fault() -> None:
    assert len(found()["no fault"]) == 98
    assert [findings for findings in found()["no fault"] if findings] == []


@pytest.mark.parametrize("kind", [*HARD, "last year copied", "another municipality copied"])
def test_hard_faults_are_caught(kind: str) -> None:
    assert share(kind) >= HARD_SHARE


@pytest.mark.parametrize("kind", ["a figure times 1000", "a figure divided by 1000"])
def test_a_slip_of_unit_is_refused_and_told_once(kind: str) -> None:
    told = [[entry.severity for entry in findings] for findings in found()[kind]]
    assert sum(each == ["error"] for each in told) / len(told) >= HARD_SHARE


@pytest.mark.parametrize("kind", [*SUBTLE, "two municipalities swapped"])
def test_subtle_faults_are_caught(kind: str) -> None:
    assert share(kind) >= SUBTLE_SHARE


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2022, 2023])
def test_the_public_figures_themselves_are_refused_nowhere(year: int) -> None:
    noise = random.Random(4)
    accepted = [
        row
        for code in account(year)
        for row in cells_of(reading(code, year - 1, figures_of(code, year - 1, noise, 0)))
    ]
    against = References(TODAY, catalogue().shares, accepted, public(range(2018, year + 1)))
    codes = sorted(account(year))
    readings = [reading(code, year, figures_of(code, year, noise, 0)) for code in codes]
    told = judge_submissions(readings, forms(), against)
    errors = [
        (code, entry.code, entry.cell)
        for code, findings in zip(codes, told, strict=True)
        for entry in findings
        if entry.severity == "error"
    ]
    assert errors == []
