"""A report with every sheet filled, what it is held against, and ways to change it in one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from expectations.submission_batch import References
from ingestion.submissions.cells import FileCells
from ingestion.submissions.facts import Reading
from ingestion.submissions.filling import filled_form
from ingestion.submissions.form import Form, build_form
from ingestion.submissions.template import Prefill
from tests.ingestion.submissions.handed_in import Report, catalogue, form

TODAY = date(2026, 11, 24)
FIRST, SECOND = "0147", "0165"
LAW = "https://kommune.example/sag/12"
SECTORS = {
    "ghg_territorial": {
        "stationary_energy": 60000.5,
        "transport": 21000.25,
        "waste": 7000.5,
        "industrial_processes": 6000.5,
        "agriculture_land_use": -900.25,
    },
    "ghg_gpc_basic": {"stationary_energy": 61000.5, "transport": 22000.5, "waste": 7100.5},
    "ghg_gpc_basic_plus": {
        "stationary_energy": 61000.75,
        "transport": 22000.75,
        "waste": 7100.75,
        "industrial_processes": 5100.5,
        "agriculture_land_use": -800.5,
    },
    "ghg_danish_account": {
        "energy": 62000.5,
        "transport": 23000.5,
        "agriculture": -700.5,
        "waste": 7200.5,
        "industry": 6200.5,
    },
}
CLASSES = {"electric": 22, "hydrogen": 1, "biogas": 6, "hvo": 10, "hybrid": 3, "fossil": 26}
COUNTS = {
    "vans_total": 4310,
    "vans_electric": 295,
    "vans_hydrogen": 2,
    "trucks_total": 830,
    "trucks_electric": 41,
    "trucks_hydrogen": 1,
    "labels_valid": 21450,
    "labels_a_to_c": 11230,
    "dwellings_labelled": 30890,
    "dwellings_total": 55140,
    "dwellings_renovated": 412,
}
OWN_OPERATIONS = 9120.5
Cells = dict[tuple[str, str, str], Any]


@dataclass(frozen=True)
class Stand:
    """Whose report, for which year, and how large its figures are beside those above."""

    municipality_code: str = FIRST
    year: int = 2025
    scale: float = 1.0


NOW = Stand()
LAST_YEAR = Stand(year=2024, scale=1.0625)
OTHER = Stand(SECOND, scale=0.875)


def emissions(stand: Stand) -> Cells:
    """Every boundary, its sectors summing to the whole."""
    figures: dict[str, float] = {"ghg_own_operations": OWN_OPERATIONS * stand.scale}
    for whole, sectors in SECTORS.items():
        if stand == LAST_YEAR and whole == "ghg_danish_account":
            continue
        figures |= {f"{whole}_{name}": figure * stand.scale for name, figure in sectors.items()}
        figures[whole] = sum(sectors.values()) * stand.scale
    cells: Cells = {}
    for key, figure in figures.items():
        more = {"gwp_set": "AR5", "grade_activity": "M", "grade_factor": "H"}
        for field, value in {"value": figure, **more, "evidence_class": "modelled"}.items():
            cells["emissions", key, field] = value
    scope_3 = "ghg_gpc_basic_plus_other_scope_3"
    cells["emissions", scope_3, "value"] = "NE"
    cells["emissions", scope_3, "explanation"] = "Opgøres fra næste år."
    return cells


def key_figures(stand: Stand) -> Cells:
    """Every key figure, the buses summing to the whole."""
    more = 0 if stand == NOW else 1
    figures: dict[str, float] = {f"buses_{name}": n + more for name, n in CLASSES.items()}
    figures["buses_total"] = sum(CLASSES.values()) + more * len(CLASSES)
    figures |= {name: round(count * stand.scale) for name, count in COUNTS.items()}
    figures["renewable_consumption_gwh"] = 38.5 * stand.scale
    figures["gross_final_consumption_gwh"] = 90.25 * stand.scale
    cells: Cells = {("key_figures", key, "value"): value for key, value in figures.items()}
    cells["key_figures", "vans_total", "evidence_class"] = "municipal_observation"
    return cells


def signatures(stand: Stand) -> Cells:
    """The sheet Kommune."""
    answers = {
        "prepared_by": "Ane Hansen",
        "prepared_by_mail": "ane@kommune.example",
        "prepared_on": date(stand.year + 1, 3, 2),
        "approved_by": "Bo Jensen",
        "approved_by_mail": "bo@kommune.example",
        "approved_on": date(stand.year + 1, 3, 9),
        "remarks": "Biogas er opgjort på ny.",
    }
    return {("municipality", key, "answer"): value for key, value in answers.items()}


def target(target_id: str, **more: Any) -> dict[str, Any]:
    """A target of the council."""
    adopted = {"adopted_by": "council", "adopted_on": date(2021, 6, 1), "evidence": LAW}
    return {"target_id": target_id, **adopted, **more}


def targets(stand: Stand) -> list[dict[str, Any]]:
    """Targets; since last year one was replaced and one is new."""
    base = {"boundary": "territorial", "base_year": 2018, "base_value": 150000}
    kept = target("M1", kind="percent_vs_base", value=70, target_year=2030, **base)
    if stand == LAST_YEAR:
        return [kept, target("M0", boundary="territorial", kind="net_zero", target_year=2050)]
    neutral = {"boundary": "territorial", "kind": "net_zero", "target_year": 2045}
    own = {"boundary": "own_operations", "kind": "level", "value": 3000, "target_year": 2035}
    newest = {"base_year": stand.year, "base_value": OWN_OPERATIONS * stand.scale}
    per_head = {"boundary": "danish_account", "kind": "per_capita", "value": 1.5}
    return [
        kept,
        target("M2", replaces="M0", **neutral),
        target("M3", **own, **newest),
        target("M4", target_year=2035, **per_head),
    ]


def free_rows(stand: Stand) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Every free table."""
    year = stand.year
    source = {"gwp_set": "AR5", "grade_activity": "M", "grade_factor": "L", "source_name": "Kilde"}
    gases = {"co2_t": 8900, "ch4_t": 0.5, "n2o_t": 0.25}
    done = {"completed_on": date(year, 6, 1), "damage_basis": "ex_ante", "evidence": LAW}
    return {
        "emission_sources": [
            {"boundary": "gpc_basic", "gpc_reference": "I.1", "value": 30000.5, **source},
            {
                "boundary": "gpc_basic",
                "gpc_reference": "II.1.1",
                "value": 9000.5,
                **source,
                **gases,
            },
            {
                "boundary": "gpc_basic_plus",
                "gpc_reference": "IV.1",
                "value": "IE",
                "explanation": "Indgår i V.2.",
            },
            {"boundary": "gpc_basic_plus", "gpc_reference": "V.2", "value": -800.5, **source},
        ],
        "plans": [
            {
                "plan_id": "P1",
                "title": "Klimaplan",
                "approved_on": date(2021, 6, 1),
                "approved_by": "council",
                "valid_until": date(2030, 12, 31),
                "evidence": LAW,
            }
        ],
        "targets": targets(stand),
        "actions": [
            {
                "action_id": "H1",
                "title": "Varmepumper",
                "sector": "energy",
                "owner_unit": "Teknik og miljø",
                "start_on": date(2022, 1, 1),
                "end_on": date(2028, 12, 31),
                "status": "ongoing",
                "finance_dkk": 1250000,
                "expected_effect_tco2e": 4000,
                "full_effect_year": 2029,
                "realised_effect_tco2e": 900,
                "evidence": LAW,
            },
            {"action_id": "H2", "title": "Bro", "sector": "transport", "status": "cancelled"},
        ],
        "adaptation_projects": [
            {
                "project_id": "K1",
                "title": "Skybrudspark",
                "hazard": "cloudburst",
                "cost_dkk": 9000000,
                "retention_m3": 1200,
                "buildings_protected": 85,
                "damage_before_dkk": 700000,
                "damage_after_dkk": 250000,
                **done,
            },
            {"project_id": "K2", "title": "Dige", "hazard": "coast", **done},
            {
                "project_id": "K3",
                "title": "Ådal",
                "hazard": "watercourse",
                "damage_before_dkk": 975000,
                "damage_after_dkk": 360000,
                **done,
            },
        ],
        "damage_points": [
            {
                "project_id": "K3",
                "return_period_years": years,
                "damage_before_dkk": before,
                "damage_after_dkk": after,
            }
            for years, before, after in (
                (5, 0, 0),
                (20, 4_000_000, 0),
                (50, 12_000_000, 3_000_000),
                (100, 25_000_000, 20_000_000),
            )
        ],
        "heat_plants": [
            {
                "plant_id": "V1",
                "name": "Kraftvarmeværket",
                "fuel": "Naturgas",
                "fuel_mwh": 1000,
                "heat_mwh": 500,
                "power_mwh": 350,
                "factor": 0.20484,
                "evidence": LAW,
            }
        ],
        "partnerships": [
            {
                "cvr": "00000019",
                "agreement_id": f"A1-{stand.municipality_code}",
                "business_name": "Fabrikken",
                "from_on": date(2024, 1, 1),
                "to_on": date(2027, 12, 31),
                "saved_mwh": 310.5,
                "note": "Trykluft.",
            },
            {
                "cvr": "00000027",
                "agreement_id": "A1",
                "business_name": "Mejeriet",
                "from_on": date(2024, 1, 1 if stand == NOW else 2),
            },
        ],
        "participations": [
            {"kind": "summit", "held_on": date(year, 6, 4), "role": "mayor", "evidence": LAW},
            {
                "kind": "workshop",
                "held_on": date(year, 10, 2),
                "role": "other",
                "contribution": "Oplæg om ladestandere.",
            },
        ],
        "declaration_signatures": [
            {
                "declaration_id": "c40_clean_construction",
                "signed_on": date(2022, 9, 1),
                "withdrawn_on": date(2024, 9, 1),
                "evidence": LAW,
            },
            {"declaration_id": "c40_zero_waste", "signed_on": date(2023, 1, 9), "evidence": LAW},
        ],
        "knowledge_sharing": [
            {"level": "local", "shared_on": date(year, 3, 12), "title": "Fjernvarme"},
            {
                "level": "c40",
                "shared_on": date(year, 11, 20),
                "title": "Busser",
                "with_whom": "C40",
            },
        ],
    }


@cache
def good_file(stand: Stand) -> FileCells:
    """A report without a fault."""
    rows = free_rows(stand)
    if stand == OTHER:
        rows["partnerships"] = rows["partnerships"][:1]
    name = catalogue().municipalities[stand.municipality_code]
    cells = emissions(stand) | key_figures(stand) | signatures(stand)
    return filled_form(form(), Prefill(stand.municipality_code, name, stand.year, cells, rows))


class FullReport(Report):
    """A report with every sheet filled, yours to change."""

    def __init__(self, stand: Stand = NOW) -> None:
        self.cells = {sheet.name: dict(sheet.cells) for sheet in good_file(stand).sheets}
        self.more: dict[str, dict[str, Any]] = {}


def cells_of(reading: Reading, case_number: int | None = None) -> list[dict[str, Any]]:
    """The facts of a reading as the store keeps them, or as peers of one batch."""
    assert reading.identity is not None
    about = {
        "case_number": case_number,
        "form_id": reading.identity.form_id,
        "municipality_code": reading.identity.municipality_code,
        "year": reading.identity.year,
    }
    return [
        {
            **about,
            "block": fact.block,
            "row_key": fact.row_key,
            "field": fact.field,
            "value_text": fact.text,
            "value_number": fact.number,
            "value_date": fact.date,
            "notation_key": fact.notation_key,
        }
        for fact in reading.facts
    ]


def public_values(stand: Stand = NOW) -> list[dict[str, Any]]:
    """The public account, one per cent below what is reported."""
    account = SECTORS["ghg_danish_account"]
    figures = {f"ghg_danish_account_{name}": figure for name, figure in account.items()}
    figures["ghg_danish_account"] = sum(account.values())
    return [
        {
            "municipality_code": stand.municipality_code,
            "indicator_id": name,
            "year": stand.year,
            "value": figure * 0.99,
            "tolerance_rel": 0.1,
        }
        for name, figure in figures.items()
    ]


@cache
def references() -> References:
    """Last year's report, another municipality's, and the public figures."""
    accepted = [cells_of(FullReport(stand).read()) for stand in (LAST_YEAR, OTHER)]
    return References(
        TODAY,
        catalogue().shares,
        [*accepted[0], *accepted[1]],
        public_values(),
        gwps=catalogue().gwps,
        method_numbers=catalogue().method_numbers(TODAY),
    )


@cache
def forms() -> tuple[Form, Form]:
    """Every form that a batch may hold."""
    return form(), build_form("registers", catalogue())
