"""Ways to make a fault in a good report, each with its code and the place where it must be told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ingestion.submissions.cells import Cell
from ingestion.submissions.form import IDENTITY_SHEET
from ingestion.submissions.identity import Identity
from tests.expectations.reports import (
    FIRST,
    LAST_YEAR,
    OTHER,
    SECOND,
    TODAY,
    FullReport,
    Stand,
    good_file,
)
from tests.ingestion.submissions.handed_in import form, row_number

Place = tuple[str | None, str | None]
Change = Callable[[FullReport], Place]
FIGURES, EMISSIONS, PLANS = "Nøgletal", "Udledninger", "Klimaplan og mål"
LATE = TODAY + timedelta(days=40)


@dataclass(frozen=True)
class Fault:
    """A code, and a change of the good report that must give it at the place answered."""

    code: str
    change: Change
    label: str = ""


def answered(
    code: str, block: str, row: str | int, field: str, value: Any, at: str | None = None
) -> Fault:
    """One answer changed; told there, or in another field of its row."""

    def change(report: FullReport) -> Place:
        given = Cell("date", value.isoformat()) if isinstance(value, date) else value
        report.answer(block, row, field, given)
        return report.place(block, row, at or field)

    return Fault(code, change, f"{block}-{row}-{field}")


def figure(code: str, row: str, value: Any, at: str | None = None) -> Fault:
    """A key figure changed."""
    fault = answered(code, "key_figures", row, "value", value)

    def change(report: FullReport) -> Place:
        place = fault.change(report)
        return report.place("key_figures", at, "value") if at else place

    return Fault(code, change, row)


def emission(code: str, row: str, value: Any, at: str | None = None) -> Fault:
    """An emission changed."""

    def change(report: FullReport) -> Place:
        report.answer("emissions", f"ghg_{row}", "value", value)
        return report.place("emissions", f"ghg_{at or row}", "value")

    return Fault(code, change, row)


def identified(code: str, cell: str, **changes: Any) -> Fault:
    """Another identity, with a checksum that fits."""

    def change(report: FullReport) -> Place:
        given = {
            "form_id": "report",
            "form_version": form().version,
            "municipality_code": FIRST,
            "year": 2025,
        }
        for row, (name, value) in enumerate(Identity(**{**given, **changes}).entries().items(), 1):
            report.put(IDENTITY_SHEET, f"A{row}", name)
            report.put(IDENTITY_SHEET, f"B{row}", value)
        return IDENTITY_SHEET, cell

    return Fault(code, change, str(changes))


def put(code: str, sheet: str, cell: str, value: Any, at: str | None = None) -> Fault:
    """Any cell written."""

    def change(report: FullReport) -> Place:
        report.put(sheet, cell, value)
        return sheet, at or cell

    return Fault(code, change, f"{sheet}-{cell}")


def marked(code: str, sheet: str, cell: str | None, **more: Any) -> Fault:
    """Something about a sheet that is not in a cell."""

    def change(report: FullReport) -> Place:
        report.more = {sheet: more}
        return sheet, cell

    return Fault(code, change, f"{sheet}-{'-'.join(more)}")


def without_sheet(name: str) -> Fault:
    def change(report: FullReport) -> Place:
        del report.cells[name]
        return name, None

    return Fault("sheet-missing", change, name)


def no_template(report: FullReport) -> Place:
    del report.cells[IDENTITY_SHEET]
    return None, None


def damaged_template(report: FullReport) -> Place:
    report.put(IDENTITY_SHEET, "B4", "2024")
    return IDENTITY_SHEET, None


def foreign_sheet(report: FullReport) -> Place:
    report.cells["Mine noter"] = {}
    return None, None


def moved_column(report: FullReport) -> Place:
    report.shift_columns("Handlinger", 5, 1, range(4, 160))
    return "Handlinger", "F4"


def moved_rows(report: FullReport) -> Place:
    report.shift_rows(FIGURES, 1, 2)
    return FIGURES, "A6"


def lost_row(report: FullReport) -> Place:
    number = row_number(form().block("key_figures"), "vans_total")
    report.shift_rows(FIGURES, number + 1, -1)
    return FIGURES, f"A{number}"


def hidden_column(report: FullReport) -> Place:
    report.more = {FIGURES: {"hidden_columns": frozenset({5})}}
    return FIGURES, "E5"


def under_the_table(report: FullReport) -> Place:
    report.put(PLANS, f"B{form().block('plans').last_row + 1}", "Plan 6")
    return PLANS, f"B{form().block('plans').last_row + 1}"


def one_person(report: FullReport) -> Place:
    report.answer("municipality", "approved_by", "answer", " ane  HANSEN")
    return report.place("municipality", "approved_by", "answer")


def merged(block: str, first: str, last: str, field: str) -> Fault:
    def change(report: FullReport) -> Place:
        sheet, top = report.place(block, first, field)
        report.more = {sheet: {"merged": (f"{top}:{report.place(block, last, field)[1]}",)}}
        return sheet, top

    return Fault("cells-merged", change, f"{block}-{field}")


def unexplained(report: FullReport) -> Place:
    report.answer("key_figures", "vans_total", "value", "NE")
    return report.place("key_figures", "vans_total", "explanation")


def included(code: str, links: dict[str, str], at: str) -> Fault:
    """Emissions included elsewhere, each naming a row."""

    def change(report: FullReport) -> Place:
        for row, why in links.items():
            for field, value in {"value": "IE", "explanation": why}.items():
                report.answer("emissions", f"ghg_gpc_basic_plus_{row}", field, value)
        return report.place("emissions", f"ghg_gpc_basic_plus_{at}", "explanation")

    return Fault(code, change, "-".join(links))


def repeated(block: str, key: str, last: int) -> Fault:
    """The first free row once more, below the last one."""

    def change(report: FullReport) -> Place:
        declared = form().block(block)
        for field in declared.inputs:
            place = declared.first_row, declared.column(field.id)
            given = report.cells[declared.sheet].get(place)
            if given:
                report.answer(block, last, field.id, given)
        return report.place(block, last, key)

    return Fault("row-key-duplicate", change, block)


def projected(code: str, field: str, value: Any, at: str | None = None) -> Fault:
    return answered(code, "adaptation_projects", 0, field, value, at)


def unfounded_curve(report: FullReport) -> Place:
    """Damages by return period alone, of nobody knows which basis."""
    for field in ("damage_before_dkk", "damage_after_dkk", "damage_basis"):
        report.answer("adaptation_projects", 2, field, None)
    return report.place("adaptation_projects", 2, "damage_basis")


def lone_event(report: FullReport) -> Place:
    """The damage of one event, of a project that has no other."""
    report.answer("damage_points", 4, "project_id", "K2")
    report.answer("damage_points", 4, "return_period_years", 100)
    report.answer("damage_points", 4, "damage_before_dkk", 2_000_000)
    report.answer("damage_points", 4, "damage_after_dkk", 0)
    return report.place("damage_points", 4, "project_id")


def much_saved(report: FullReport) -> Place:
    """Two agreements, each within its limit."""
    report.answer("partnerships", 0, "saved_mwh", 600_000)
    return report.answer("partnerships", 1, "saved_mwh", 600_001)


def dear_projects(report: FullReport) -> Place:
    """Projects against two hazards that cost more than all may."""
    report.answer("adaptation_projects", 0, "cost_dkk", 6e10)
    report.answer("adaptation_projects", 1, "cost_dkk", 6e10)
    return report.place("adaptation_projects", 0, "cost_dkk")


def much_protected(report: FullReport) -> Place:
    """Two projects against the same hazard."""
    report.answer("adaptation_projects", 1, "hazard", "Skybrud")
    report.answer("adaptation_projects", 0, "buildings_protected", 600_000)
    return report.answer("adaptation_projects", 1, "buildings_protected", 700_000)


def much_avoided(report: FullReport) -> Place:
    """Damages that cost no more than their projects, and are more than a sum may be."""
    report.answer("adaptation_projects", 1, "hazard", "Skybrud")
    for row, damage in enumerate((6e10, 7e10)):
        report.answer("adaptation_projects", row, "damage_before_dkk", damage)
        report.answer("adaptation_projects", row, "damage_after_dkk", 0)
        report.answer("adaptation_projects", row, "cost_dkk", None)
    return report.place("adaptation_projects", 1, "damage_before_dkk")


def much_retained(report: FullReport) -> Place:
    report.answer("adaptation_projects", 1, "hazard", "Skybrud")
    report.answer("adaptation_projects", 0, "retention_m3", 1e8)
    report.answer("adaptation_projects", 1, "retention_m3", 1)
    return report.place("adaptation_projects", 0, "retention_m3")


def swapped(report: FullReport) -> Place:
    """Two rows of BASIC+ whose figures are of a size."""
    report.answer("emissions", "ghg_gpc_basic_plus_industrial_processes", "value", 7100.75)
    return report.answer("emissions", "ghg_gpc_basic_plus_waste", "value", 5100.5)


def large_source(report: FullReport) -> Place:
    report.answer("emission_sources", 0, "value", 70000.5)
    return report.place("emissions", "ghg_gpc_basic_stationary_energy", "value")


def no_lorries(report: FullReport) -> Place:
    for row in ("trucks_electric", "trucks_hydrogen"):
        report.answer("key_figures", row, "value", None)
    return report.answer("key_figures", "trucks_total", "value", 0)


def late_target(report: FullReport) -> Place:
    report.answer("targets", 3, "target_year", 2024)
    return report.answer("targets", 3, "adopted_on", "01-01-2025")


def unnamed_predecessor(report: FullReport) -> Place:
    report.answer("targets", 1, "replaces", None)
    return PLANS, None


def halved_boundary(report: FullReport) -> Place:
    """BASIC alone, and more than BASIC+."""
    for row in ("", "_stationary_energy", "_transport", "_waste"):
        report.answer("emissions", f"ghg_gpc_basic{row}", "value", None)
    return report.answer("emissions", "ghg_gpc_basic", "value", 99000.5)


def own_is_all(report: FullReport) -> Place:
    """The same figure for the enterprise and the area, which it was last year too in size."""
    whole = report.cells[EMISSIONS][
        row_number(form().block("emissions"), "ghg_territorial"),
        form().block("emissions").column("value"),
    ]
    report.answer("targets", 2, "base_value", None)
    return report.answer("emissions", "ghg_own_operations", "value", whole)


def no_plan(report: FullReport) -> Place:
    for field in form().block("plans").inputs:
        report.answer("plans", 0, field.id, None)
    return report.place("plans", 0, "plan_id")


def lost(code: str, block: str, row: int) -> Fault:
    """A free row emptied that was there last year."""

    def change(report: FullReport) -> Place:
        for field in form().block(block).inputs:
            report.answer(block, row, field.id, None)
        return form().block(block).sheet, None

    return Fault(code, change, block)


def figures_of(stand: Stand) -> Change:
    """The figures of another year or municipality typed into this report."""

    def change(report: FullReport) -> Place:
        for name in ("emissions", "key_figures"):
            block = form().block(name)
            given = {s.name: s for s in good_file(stand).sheets}[block.sheet]
            for row in block.fixed_rows:
                cell = given.at(row_number(block, row.key), block.column("value"))
                if cell:
                    report.answer(name, row.key, "value", cell)
        report.answer("targets", 2, "base_value", None)
        return None, None

    return change


def repeated_figure(report: FullReport) -> Place:
    """Last year's figure again, without saying so."""
    return report.answer("key_figures", "labels_a_to_c", "value", round(11230 * LAST_YEAR.scale))


def other_agreement(report: FullReport) -> Place:
    report.answer("partnerships", 0, "agreement_id", f"A1-{SECOND}")
    return report.place("partnerships", 0, "cvr")


def beside_public(report: FullReport) -> Place:
    """A sector a third higher than the public figure, in a sum that holds."""
    report.answer("emissions", "ghg_danish_account_waste", "value", 9600.5)
    report.answer("emissions", "ghg_danish_account", "value", 100101.5)
    return report.place("emissions", "ghg_danish_account_waste", "value")


def changed_kind(report: FullReport) -> Place:
    report.answer("targets", 0, "kind", "Udledning i målåret (t CO2e)")
    return report.place("targets", 0, "kind")


FORM = [
    Fault("template-missing", no_template),
    identified("template-unknown", "B1", form_id="other"),
    identified("template-version-unknown", "B2", form_version=1),
    identified("template-version-unknown", "B2", form_version=7),
    Fault("template-identity-damaged", damaged_template),
    identified("municipality-unknown", "B3", municipality_code="0411"),
    identified("year-out-of-range", "B4", year=2020),
    answered("municipality-mismatch", "municipality", "municipality_code", "answer", "0101"),
    answered("municipality-mismatch", "municipality", "municipality_name", "answer", "Hvidovre"),
    answered("year-mismatch", "municipality", "report_year", "answer", "2024"),
    *(without_sheet(sheet.name) for sheet in form().sheets),
    Fault("sheet-unknown", foreign_sheet),
    marked("sheet-hidden", FIGURES, None, is_hidden=True),
    put("header-missing", FIGURES, "E4", "Tal"),
    Fault("header-moved", moved_column),
    put("header-duplicate", FIGURES, "L4", "Værdi (i rækkens enhed)"),
    Fault("header-row-moved", moved_rows),
    Fault("row-missing", lost_row),
    put("row-duplicate", FIGURES, "A6", "buses_total"),
    put("row-unknown", FIGURES, "A12", "varebiler"),
    marked("row-hidden", FIGURES, "E7", hidden_rows=frozenset({7})),
    Fault("column-hidden", hidden_column),
    merged("key_figures", "buses_electric", "vans_electric", "value"),
    merged("emissions", "ghg_territorial", "ghg_gpc_basic", "gwp_set"),
    answered("locked-cell-changed", "key_figures", "vans_total", "unit", "tusinde"),
    Fault("value-outside-table", under_the_table),
    put("note-outside-table", FIGURES, "N5", "husk at spørge"),
    answered("not-signed", "municipality", "approved_by", "answer", None),
    answered("not-signed", "municipality", "prepared_on", "answer", None),
    Fault("signed-by-one-person", one_person),
]
CELL = [
    figure("number-ambiguous", "vans_total", "4.310"),
    figure("number-unreadable", "vans_total", "ca. 4310"),
    figure("number-unit-mismatch", "gross_final_consumption_gwh", "90250 MWh"),
    figure("percent-in-amount", "vans_electric", Cell("number", 0.07, "0%")),
    emission("number-scaled-format", "territorial_waste", Cell("number", 7000.5, "0,")),
    figure("integer-expected", "buses_total", 68.5),
    figure("formula-without-value", "buses_total", Cell("formula", None)),
    emission("formula-error", "territorial", Cell("error", "#REF!")),
    figure("boolean-not-allowed", "buses_hvo", Cell("boolean", True)),
    figure("date-where-number", "trucks_hydrogen", Cell("date", "2026-02-01")),
    answered("number-where-text", "actions", 0, "action_id", 1.5),
    answered("date-where-text", "targets", 0, "target_id", Cell("date", "2026-02-01")),
    answered("date-unreadable", "participations", 1, "held_on", "11/24/2025"),
    answered("date-out-of-range", "plans", 0, "valid_until", "24-11-2090"),
    answered("year-unreadable", "targets", 0, "base_year", "snart"),
    answered("choice-unknown", "emissions", "ghg_territorial_waste", "gwp_set", "AR9"),
    answered("choice-unknown", "adaptation_projects", 0, "damage_basis", "Gæt"),
    answered("cvr-unreadable", "partnerships", 0, "cvr", "1234567"),
    answered("mail-unreadable", "municipality", "approved_by_mail", "answer", "bo.example"),
    answered("link-not-allowed", "plans", 0, "evidence", "javascript:alert(1)"),
    answered("personal-data-in-text", "actions", 0, "owner_unit", "Klima, klima@by.example"),
    answered("text-too-long", "actions", 0, "title", "x" * 2001),
    answered("text-has-control-characters", "actions", 1, "action_id", "H\u202e2"),
    emission("notation-key-unknown", "own_operations", "ukendt"),
    answered("notation-key-not-allowed", "adaptation_projects", 0, "damage_after_dkk", "NE"),
    Fault("notation-key-without-explanation", unexplained),
    figure("dash-is-not-a-value", "dwellings_total", "-"),
    answered("dash-is-not-an-answer", "participations", 1, "contribution", "-"),
    marked("readers-disagree", FIGURES, "E12", disagreements=("E12",)),
]
ROW = [
    answered("row-incomplete", "actions", 0, "action_id", None),
    answered("row-incomplete", "targets", 1, "adopted_on", None),
    included("ie-target-missing", {"waste": "Et andet sted."}, "waste"),
    included("ie-target-not-a-number", {"waste": "ghg_gpc_basic_plus_other_scope_3"}, "waste"),
    included(
        "ie-circular",
        {"transport": "I ghg_gpc_basic_plus_waste", "waste": "I ghg_gpc_basic_plus_transport"},
        "transport",
    ),
    answered("dates-reversed", "partnerships", 0, "to_on", "01-01-2020"),
    answered("dates-reversed", "actions", 0, "end_on", "01-01-2021"),
    answered("dates-reversed", "plans", 0, "valid_until", "01-01-2020"),
    answered("dates-reversed", "declaration_signatures", 0, "withdrawn_on", "01-01-2020"),
    answered("dates-reversed", "municipality", "approved_on", "answer", "01-03-2026"),
    figure("value-out-of-range", "vans_total", 300000),
    figure("value-out-of-range", "buses_hybrid", -3),
    answered("value-out-of-range", "adaptation_projects", 0, "cost_dkk", -9000000),
    answered("year-outside-limits", "actions", 0, "full_effect_year", 2010),
    answered("year-outside-limits", "targets", 1, "target_year", 2015),
    repeated("actions", "action_id", 2),
    repeated("plans", "plan_id", 1),
    repeated("targets", "target_id", 4),
    repeated("partnerships", "cvr", 2),
    repeated("participations", "kind", 2),
    repeated("knowledge_sharing", "level", 2),
    repeated("declaration_signatures", "declaration_id", 2),
    repeated("adaptation_projects", "project_id", 3),
    repeated("damage_points", "project_id", 4),
    repeated("heat_plants", "plant_id", 1),
    answered("cvr-invalid", "partnerships", 0, "cvr", "12345678"),
    answered("gwp-set-missing", "emissions", "ghg_territorial_waste", "gwp_set", None),
    answered("gwp-set-missing", "emission_sources", 0, "gwp_set", None),
    answered("gpc-reference-invalid", "emission_sources", 0, "gpc_reference", "1.1"),
    answered("gpc-reference-outside-boundary", "emission_sources", 0, "gpc_reference", "V.1"),
    answered("target-year-not-after-base", "targets", 2, "base_year", 2035, "target_year"),
    answered("target-value-missing", "targets", 0, "value", None),
    answered("target-base-year-missing", "targets", 0, "base_year", None),
    answered("target-percent-impossible", "targets", 0, "value", 300),
    answered("target-percent-impossible", "targets", 0, "value", 0.7),
    answered("target-replaces-unknown", "targets", 3, "replaces", "M9"),
    answered("target-replaces-unknown", "targets", 3, "replaces", "M4"),
    projected("damage-basis-missing", "damage_basis", None),
    Fault("damage-basis-missing", unfounded_curve),
    answered("damage-rises", "damage_points", 1, "damage_after_dkk", 4_000_001),
    answered("gas-missing", "emission_sources", 1, "n2o_t", None),
    answered("gases-differ", "emission_sources", 1, "ch4_t", 50, "value"),
    answered("heat-plant-implausible", "heat_plants", 0, "heat_mwh", 651, "fuel_mwh"),
    answered("damage-project-unknown", "damage_points", 1, "project_id", "K9"),
    Fault("damage-points-too-few", lone_event),
    answered("damage-curve-differs", "adaptation_projects", 2, "damage_before_dkk", 1_100_000),
    answered("damage-curve-differs", "adaptation_projects", 2, "damage_after_dkk", 300_000),
    projected("damage-half-given", "damage_before_dkk", None),
    projected("damage-half-given", "damage_after_dkk", None),
    projected("damage-rises", "damage_before_dkk", 100000, "damage_after_dkk"),
    projected("project-completed-outside-year", "completed_on", date(2024, 6, 1)),
    projected("date-in-future", "completed_on", LATE),
    answered("date-in-future", "plans", 0, "approved_on", LATE),
    answered("date-in-future", "targets", 0, "adopted_on", LATE),
    answered("date-in-future", "participations", 0, "held_on", LATE),
    answered("date-in-future", "knowledge_sharing", 0, "shared_on", LATE),
    answered("date-in-future", "declaration_signatures", 1, "signed_on", LATE),
    answered("date-in-future", "municipality", "approved_on", "answer", LATE),
    answered("date-outside-report-year", "participations", 0, "held_on", date(2024, 6, 4)),
    answered("date-outside-report-year", "knowledge_sharing", 0, "shared_on", date(2024, 6, 4)),
    answered("action-effect-without-year", "actions", 0, "full_effect_year", None),
    answered("action-effect-of-cancelled", "actions", 1, "realised_effect_tco2e", 12),
    answered("workshop-without-contribution", "participations", 1, "contribution", None),
]
SHEET = [
    emission("sectors-do-not-sum", "territorial_waste", 7010.5, "territorial"),
    emission("sectors-do-not-sum", "gpc_basic", 90102.5),
    emission("sectors-do-not-sum", "danish_account_energy", 62001.75, "danish_account"),
    Fault("sources-exceed-sector", large_source),
    Fault("rows-sum-too-large", much_saved),
    Fault("rows-sum-too-large", dear_projects),
    Fault("rows-sum-too-large", much_protected),
    Fault("rows-sum-too-large", much_retained),
    Fault("rows-sum-too-large", much_avoided),
    figure("bus-classes-do-not-sum", "buses_fossil", 30, "buses_total"),
    figure("part-exceeds-whole", "labels_a_to_c", 22000),
    figure("part-exceeds-whole", "trucks_total", 0, "trucks_electric"),
    figure("part-exceeds-whole", "renewable_consumption_gwh", 95.5),
    figure("denominator-missing", "vans_total", None),
    Fault("denominator-zero", no_lorries),
    Fault("basic-exceeds-basic-plus", halved_boundary),
    Fault("account-equals-own-operations", own_is_all),
]
ACROSS = [
    answered("target-base-differs", "targets", 2, "base_value", 9000),
    Fault("plan-missing", no_plan),
    answered("action-outside-plan", "actions", 0, "end_on", date(2032, 1, 1)),
    answered("action-before-plan", "actions", 0, "start_on", date(2020, 1, 1)),
    Fault("target-before-plan-years", late_target),
    projected("adaptation-damage-implausible", "cost_dkk", 9000, "damage_before_dkk"),
    figure("unit-slip-against-last", "gross_final_consumption_gwh", 90250),
    figure("unit-slip-against-last", "vans_total", 4),
    emission("unit-slip-against-last", "territorial_transport", 21.00025),
    emission("unit-slip-against-last", "gpc_basic", 90101.5 / 1e3),
    emission("unit-slip-against-last", "own_operations", 9120500),
    figure("change-implausible", "dwellings_renovated", 1412),
    emission("change-implausible", "gpc_basic_plus_waste", 2100.5),
    figure("zero-not-confirmed", "vans_electric", 0),
    Fault("figures-swapped", swapped),
    emission("sign-turned-against-last", "gpc_basic_plus_agriculture_land_use", 800.5),
    Fault("copy-of-last-year", figures_of(LAST_YEAR)),
    Fault("carried-forward-unmarked", repeated_figure),
    lost("action-vanished", "actions", 0),
    lost("target-vanished", "targets", 0),
    Fault("target-vanished", unnamed_predecessor),
    answered("plan-date-changed", "plans", 0, "approved_on", date(2021, 6, 2)),
    answered("target-changed-silently", "targets", 0, "value", 60),
    answered("target-changed-silently", "targets", 0, "target_year", 2032),
    Fault("target-changed-silently", changed_kind),
    Fault("numbers-of-another-municipality", figures_of(OTHER)),
    Fault("agreement-of-another-municipality", other_agreement),
    emission("unit-slip-against-public", "danish_account_waste", 7.2005),
    emission("unit-slip-against-public", "danish_account_industry", 6200500),
    Fault("differs-from-public", beside_public),
]
FAULTS = [*FORM, *CELL, *ROW, *SHEET, *ACROSS]
