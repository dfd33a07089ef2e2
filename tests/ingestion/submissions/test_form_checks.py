"""The form itself: each damage told once, at its place, and everything else still read."""

from dataclasses import replace
from typing import Any

import pytest

from ingestion.submissions.cells import Cell, FileCells, SheetCells
from ingestion.submissions.form import IDENTITY_SHEET
from ingestion.submissions.identity import Identity
from ingestion.submissions.reading import read_submission
from tests.ingestion.submissions.handed_in import (
    THIS_YEAR,
    Report,
    catalogue,
    fact,
    form,
    only,
    told,
)

FIGURES, EMISSIONS = "Nøgletal", "Udledninger"


def identify(report: Report, **changes: Any) -> None:
    """Write another identity with a checksum that fits."""
    given = {
        "form_id": "report",
        "form_version": form().version,
        "municipality_code": "0147",
        "year": 2025,
    }
    entries = Identity(**{**given, **changes}).entries()
    for row, (name, value) in enumerate(entries.items(), 1):
        report.put(IDENTITY_SHEET, f"A{row}", name)
        report.put(IDENTITY_SHEET, f"B{row}", value)


def test_a_file_without_the_hidden_sheet_is_not_of_the_template_and_nothing_is_read() -> None:
    report = Report()
    del report.cells[IDENTITY_SHEET]
    reading = report.read()
    assert told(reading) == [("template-missing", None, None)]
    assert (reading.identity, reading.facts, reading.missing) == (None, (), ())


def test_an_empty_file_is_not_of_the_template() -> None:
    reading = read_submission(FileCells(()), form(), catalogue().municipalities, THIS_YEAR)
    assert told(reading) == [("template-missing", None, None)]


@pytest.mark.parametrize(
    ("changes", "code", "cell"),
    [
        ({"form_id": "other"}, "template-unknown", "B1"),
        ({"form_version": 1}, "template-version-unknown", "B2"),
        ({"form_version": 7}, "template-version-unknown", "B2"),
    ],
)
def test_another_form_or_version_is_refused_and_nothing_is_read(
    changes: dict[str, Any], code: str, cell: str
) -> None:
    report = Report()
    identify(report, **changes)
    reading = report.read()
    assert told(reading) == [(code, IDENTITY_SHEET, cell)]
    assert (reading.identity, reading.facts) == (None, ())


@pytest.mark.parametrize(
    ("cell", "value"),
    [("B3", "0101"), ("B4", "2024"), ("B5", "0" * 16), ("B4", None), ("B4", "snart"), ("B1", None)],
)
def test_a_hand_in_the_hidden_sheet_is_seen(cell: str, value: str | None) -> None:
    report = Report()
    report.put(IDENTITY_SHEET, cell, value)
    reading = report.read()
    assert told(reading) == [("template-identity-damaged", IDENTITY_SHEET, None)]
    assert reading.identity is None


def test_numbers_and_lost_noughts_in_the_hidden_sheet_are_no_damage() -> None:
    report = Report()
    report.put(IDENTITY_SHEET, "B2", float(form().version))
    report.put(IDENTITY_SHEET, "B3", 147.0)
    report.put(IDENTITY_SHEET, "B4", 2025.0)
    assert told(report.read()) == []


def test_a_municipality_that_does_not_exist_is_refused() -> None:
    report = Report()
    identify(report, municipality_code="0411")
    assert told(report.read()) == [("municipality-unknown", IDENTITY_SHEET, "B3")]


@pytest.mark.parametrize("year", [2020, THIS_YEAR + 1])
def test_a_year_outside_reporting_is_refused(year: int) -> None:
    report = Report()
    identify(report, year=year)
    finding = only(report.read())
    assert (finding.code, finding.cell) == ("year-out-of-range", "B4")
    assert f"2021 til {THIS_YEAR}" in finding.text_da


@pytest.mark.parametrize(
    ("row", "value", "code"),
    [
        ("municipality_code", "0101", "municipality-mismatch"),
        ("municipality_code", None, "municipality-mismatch"),
        ("municipality_name", "København", "municipality-mismatch"),
        ("report_year", "2024", "year-mismatch"),
        ("report_year", 2024.0, "year-mismatch"),
    ],
)
def test_what_is_seen_must_be_what_the_template_was_made_for(
    row: str, value: str | float | None, code: str
) -> None:
    report = Report()
    place = report.answer("municipality", row, "answer", value)
    assert told(report.read()) == [(code, *place)]


def test_another_municipalitys_sheet_is_one_fault() -> None:
    report = Report()
    place = report.answer("municipality", "municipality_code", "answer", "0101")
    report.answer("municipality", "municipality_name", "answer", "København")
    assert told(report.read()) == [("municipality-mismatch", *place)]


def test_a_code_and_a_year_as_numbers_are_the_same() -> None:
    report = Report()
    report.answer("municipality", "municipality_code", "answer", 147.0)
    report.answer("municipality", "report_year", "answer", 2025.0)
    assert told(report.read()) == []


def test_a_missing_sheet_is_told_and_the_others_are_read() -> None:
    report = Report()
    del report.cells[FIGURES]
    reading = report.read()
    assert told(reading) == [("sheet-missing", FIGURES, None)]
    assert fact(reading, "emissions", "ghg_gpc_basic", "value")


def test_a_renamed_sheet_is_missing_and_its_new_name_is_not_repeated() -> None:
    report = Report()
    report.cells["Tal fra Bo"] = report.cells.pop(FIGURES)
    reading = report.read()
    assert told(reading) == [("sheet-missing", FIGURES, None), ("sheet-unknown", None, None)]
    assert f"ark nr. {len(report.cells)}" in reading.findings[1].text_da
    assert "Bo" not in str(reading.findings[1])


def test_a_sheet_that_is_there_twice_is_refused() -> None:
    report = Report()
    file = report.file()
    (twice,) = (sheet for sheet in file.sheets if sheet.name == FIGURES)
    file = replace(file, sheets=(*file.sheets, replace(twice, cells={})))
    reading = read_submission(file, form(), catalogue().municipalities, THIS_YEAR)
    assert told(reading) == [("sheet-duplicate", FIGURES, None)]
    assert fact(reading, "key_figures", "buses_total", "value")


def test_a_foreign_sheet_is_told_by_its_place_among_those_one_sees() -> None:
    report = Report()
    report.cells = {"Skjult": {}, "Først": {}, **report.cells}
    report.more = {"Skjult": {"is_hidden": True}}
    texts = [found.text_da for found in report.read().findings]
    assert len(texts) == 2
    assert all("(ark nr. 1)" in text for text in texts)


def test_guidance_lists_and_our_own_check_sheet_are_no_foreign_sheets() -> None:
    report = Report()
    for name in ("Vejledning", "Kontrol", "_lister"):
        report.cells[name] = {(1, 1): Cell("text", "x")}
    report.cells["Mine noter"] = {}
    reading = report.read()
    assert told(reading) == [("sheet-unknown", None, None)]
    assert only(reading).severity == "warning"


def test_a_hidden_sheet_is_read_with_a_warning() -> None:
    report = Report()
    report.more = {FIGURES: {"is_hidden": True}, IDENTITY_SHEET: {"is_hidden": True}}
    reading = report.read()
    assert told(reading) == [("sheet-hidden", FIGURES, None)]
    assert fact(reading, "key_figures", "buses_total", "value")


@pytest.mark.parametrize(
    ("field", "value"), [("unit", "MWh"), ("unit", None), ("label", "Elbusser og brintbusser")]
)
def test_a_changed_label_or_unit_is_refused(field: str, value: str | None) -> None:
    report = Report()
    place = report.answer("key_figures", "buses_electric", field, value)
    assert told(report.read()) == [("locked-cell-changed", *place)]


def test_the_forms_help_and_figures_for_comparison_may_be_changed() -> None:
    report = Report()
    report.answer("key_figures", "buses_electric", "help", "Kun elbusser")
    report.answer("key_figures", "buses_electric", "last_accepted", 3.0)
    assert told(report.read()) == []


def test_hidden_rows_and_columns_with_answers_are_read_with_one_warning_each() -> None:
    report = Report()
    report.more = {
        FIGURES: {
            "hidden_rows": frozenset({6, 7, 500}),
            "hidden_columns": frozenset({5, 8, 40}),
        }
    }
    reading = report.read()
    assert told(reading) == [
        ("column-hidden", FIGURES, "E5"),
        ("row-hidden", FIGURES, "E6"),
        ("row-hidden", FIGURES, "E7"),
    ]
    assert {finding.severity for finding in reading.findings} == {"warning"}
    assert fact(reading, "key_figures", "buses_electric", "value")


def test_hidden_free_rows_without_answers_do_not_matter() -> None:
    report = Report()
    report.more = {"Handlinger": {"hidden_rows": frozenset(range(50, 155))}}
    assert told(report.read()) == []


@pytest.mark.parametrize("merged", ["E5:E6", "D5:F5", "$E$6:$E$7", "A1:XFD1048576"])
def test_merged_cells_among_the_answers_are_refused_once(merged: str) -> None:
    report = Report()
    report.more = {FIGURES: {"merged": (merged,)}}
    report.answer("key_figures", "buses_electric", "value", None)
    reading = report.read()
    (finding,) = reading.findings
    assert (finding.code, finding.sheet) == ("cells-merged", FIGURES)
    assert fact(reading, "key_figures", "buses_total", "value") is None or merged == "$E$6:$E$7"


def test_merged_cells_in_titles_do_not_matter() -> None:
    report = Report()
    report.more = {FIGURES: {"merged": ("A1:J1", "A2:J2", "H5:J6")}}
    assert told(report.read()) == []


def test_what_two_readers_read_differently_is_refused_at_its_cell() -> None:
    report = Report()
    report.more = {FIGURES: {"disagreements": ("E5", "Z99")}}
    reading = report.read()
    assert told(reading) == [("readers-disagree", FIGURES, "E5")]
    assert fact(reading, "key_figures", "buses_total", "value") is None


def test_an_answer_under_the_last_free_row_is_never_lost_unseen() -> None:
    report = Report()
    last = form().block("plans").last_row
    report.put("Klimaplan og mål", f"B{last + 1}", "Plan 6")
    report.put("Klimaplan og mål", f"C{last + 1}", "01-01-2024")
    reading = report.read()
    assert told(reading) == [("value-outside-table", "Klimaplan og mål", f"B{last + 1}")]
    assert only(reading).severity == "error"


def test_an_answer_far_below_the_last_table_is_found() -> None:
    report = Report()
    report.put("Handlinger", "A199000", "H999")
    assert told(report.read()) == [("value-outside-table", "Handlinger", "A199000")]


def test_an_answer_under_a_fixed_table_is_found() -> None:
    report = Report()
    report.put(FIGURES, "E27", 5.0)
    assert told(report.read()) == [("value-outside-table", FIGURES, "E27")]


def test_a_name_typed_under_the_signatures_is_not_repeated() -> None:
    report = Report()
    report.put("Kommune", "C17", "Carla Carlsen")
    reading = report.read()
    assert told(reading) == [("value-outside-table", "Kommune", "C17")]
    assert "Carla" not in str(only(reading))


def test_notes_beside_and_under_the_tables_are_one_warning_a_sheet() -> None:
    report = Report()
    report.put(FIGURES, "N5", "husk at spørge Bo")
    report.put(FIGURES, "N6", 17.0)
    report.put(FIGURES, "C30", "Kilde: Trafikselskabet")
    reading = report.read()
    assert told(reading) == [("note-outside-table", FIGURES, "N5")]
    assert only(reading).severity == "warning"
    assert "antal steder på arket: 3" in only(reading).text_da


def test_cells_that_hold_nothing_visible_are_nowhere_outside() -> None:
    report = Report()
    report.put("Handlinger", "A400", " \u200b")
    report.put("Handlinger", "Z5", "\u00a0")
    assert told(report.read()) == []


def test_a_file_of_other_sheets_with_our_hidden_sheet_lacks_every_sheet() -> None:
    report = Report()
    identity = report.cells[IDENTITY_SHEET]
    file = FileCells((SheetCells("Ark1", {}), SheetCells(IDENTITY_SHEET, identity)))
    reading = read_submission(file, form(), catalogue().municipalities, THIS_YEAR)
    codes = [code for code, _, _ in told(reading)]
    assert codes == ["sheet-missing"] * len(form().sheets) + ["sheet-unknown"]
