"""A good report gives its facts and no finding; each fault in a cell or row is told at its cell."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.submissions.cells import Cell, cell_name
from ingestion.submissions.findings import codes
from ingestion.submissions.form import Block
from tests.ingestion.submissions.handed_in import ANSWERS, ROWS, Report, fact, form, only, told

PRIVATE = {"prepared_by", "prepared_by_mail", "approved_by", "approved_by_mail"}


def test_an_untouched_good_report_has_no_finding_and_every_answer_is_a_fact_or_a_contact() -> None:
    reading = Report().read()
    assert told(reading) == []
    fixed = sum(len(fields) for rows in ANSWERS.values() for fields in rows.values())
    free = sum(len(row) for rows in ROWS.values() for row in rows)
    assert len(reading.facts) + len(reading.contacts) == fixed + free
    assert reading.identity is not None
    assert (reading.identity.municipality_code, reading.identity.year) == ("0147", 2025)


def test_a_fact_says_where_it_stands_and_what_it_means() -> None:
    reading = Report().read()
    value = fact(reading, "emissions", "ghg_gpc_basic", "value")
    assert value
    assert (value.number, value.sheet, value.cell) == (1234567.5, "Udledninger", "E11")
    key = fact(reading, "emissions", "ghg_own_operations", "value")
    assert key
    assert (key.notation_key, key.number) == ("NE", None)
    told_why = fact(reading, "emissions", "ghg_own_operations", "explanation")
    assert told_why
    assert told_why.text == "Opgøres fra næste år."
    choice = fact(reading, "plans", "P1", "approved_by")
    assert choice
    assert choice.text == "council"
    signed = fact(reading, "municipality", "approved_on", "answer")
    assert signed
    assert signed.date == date(2026, 3, 9)


def test_a_free_row_is_known_by_its_key_fields() -> None:
    keys = {entry.row_key for entry in Report().read().facts if entry.block == "emission_sources"}
    assert keys == {"gpc_basic|I.1", "gpc_basic|I.1.2"}
    report = Report()
    report.answer("participations", 0, "kind", "Topmøde")
    report.answer("participations", 0, "held_on", "24-11-2025")
    report.answer("participations", 0, "role", "Borgmester")
    assert fact(report.read(), "participations", "summit|2025-11-24", "role")


def test_names_and_addresses_are_contacts_and_never_facts() -> None:
    reading = Report().read()
    assert set(reading.contacts) == PRIVATE
    assert reading.contacts["approved_by"] == "Bo Jensen"
    words = "\n".join(str(entry) for entry in (*reading.facts, *reading.findings))
    assert not any(contact in words for contact in reading.contacts.values())


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("prepared_by_mail", "ane.kommune.example", "mail-unreadable"),
        ("prepared_by", "Ane\u202eHansen", "text-has-control-characters"),
        ("approved_by", "Bo" * 1500, "text-too-long"),
        ("approved_by", "——", "dash-is-not-an-answer"),
        ("approved_by", Cell("date", "1990-12-31"), "date-where-text"),
    ],
)
def test_a_finding_about_a_private_answer_does_not_repeat_it(
    key: str, value: str | Cell, code: str
) -> None:
    report = Report()
    place = report.answer("municipality", key, "answer", value)
    reading = report.read()
    assert told(reading) == [(code, *place)]
    assert only(reading).found == "…"
    written = value if isinstance(value, str) else "31-12-1990"
    assert written not in str(only(reading))


FAULTY = [
    ("key_figures", "buses_total", "value", "1.234", "number-ambiguous"),
    ("key_figures", "buses_total", "value", "ca. 20", "number-unreadable"),
    ("key_figures", "buses_total", "value", "20 biler", "number-unit-mismatch"),
    ("key_figures", "buses_total", "value", "20 %", "percent-in-amount"),
    ("key_figures", "buses_total", "value", Cell("number", 0.2, "0%"), "percent-in-amount"),
    ("key_figures", "buses_total", "value", Cell("number", 20, "0,"), "number-scaled-format"),
    ("key_figures", "buses_total", "value", 20.5, "integer-expected"),
    ("key_figures", "buses_total", "value", Cell("formula", None), "formula-without-value"),
    ("key_figures", "buses_total", "value", Cell("error", "#REF!"), "formula-error"),
    ("key_figures", "buses_total", "value", Cell("boolean", False), "boolean-not-allowed"),
    ("key_figures", "buses_total", "value", Cell("date", "2026-02-01"), "date-where-number"),
    ("key_figures", "buses_total", "value", "-", "dash-is-not-a-value"),
    ("key_figures", "buses_total", "value", "ukendt", "notation-key-unknown"),
    ("actions", 0, "finance_dkk", "NE", "notation-key-not-allowed"),
    ("actions", 0, "full_effect_year", "snart", "year-unreadable"),
    ("actions", 0, "sector", "Luft", "choice-unknown"),
    ("actions", 0, "start_on", "11/24/2026", "date-unreadable"),
    ("actions", 0, "start_on", "24-11-1890", "date-out-of-range"),
    ("actions", 0, "evidence", "javascript:alert(1)", "link-not-allowed"),
    ("actions", 0, "title", Cell("date", "2026-02-01"), "date-where-text"),
    ("actions", 0, "title", 1.5, "number-where-text"),
    ("actions", 0, "owner_unit", "-", "dash-is-not-an-answer"),
    ("partnerships", 0, "cvr", "1234567", "cvr-unreadable"),
    ("emissions", "ghg_gpc_basic_transport", "value", "x", "notation-key-unknown"),
    ("emissions", "ghg_own_operations", "explanation", Cell("error", "#N/A"), "formula-error"),
]


@pytest.mark.parametrize(("block", "row", "field", "value", "code"), FAULTY)
def test_a_faulty_cell_is_told_once_at_its_cell_and_is_no_fact(
    block: str, row: str | int, field: str, value: Cell | str | float, code: str
) -> None:
    report, untouched = Report(), Report().read()
    place = report.answer(block, row, field, value)
    reading = report.read()
    assert told(reading) == [(code, *place)]
    assert only(reading).field == field
    assert reading.missing == untouched.missing
    cells = {(entry.sheet, entry.cell) for entry in reading.facts}
    assert cells == {(entry.sheet, entry.cell) for entry in untouched.facts} - {place}


def test_a_required_figure_that_is_empty_is_missing_and_no_error() -> None:
    report = Report()
    untouched = {entry.label for entry in report.read().missing}
    sheet, cell = report.answer("key_figures", "buses_total", "value", None)
    reading = report.read()
    assert told(reading) == []
    (missing,) = [entry for entry in reading.missing if entry.label not in untouched]
    assert (missing.sheet, missing.cell) == (sheet, cell)
    assert missing.label == "Busser i kommunens rutetrafik i alt"


@pytest.mark.parametrize("key", [*sorted(PRIVATE), "prepared_on", "approved_on"])
@pytest.mark.parametrize("value", [None, " \u200b"])
def test_a_missing_signature_is_an_error_at_its_cell(key: str, value: str | None) -> None:
    report = Report()
    place = report.answer("municipality", key, "answer", value)
    reading = report.read()
    assert told(reading) == [("not-signed", *place)]
    assert not any(entry.sheet == "Kommune" for entry in reading.missing)


@pytest.mark.parametrize("name", ["Ane Hansen", "ane  hansen", " ANE\u00a0HANSEN"])
def test_one_person_cannot_both_prepare_and_approve(name: str) -> None:
    report = Report()
    place = report.answer("municipality", "approved_by", "answer", name)
    reading = report.read()
    assert told(reading) == [("signed-by-one-person", *place)]
    assert "hansen" not in str(only(reading)).lower()


def test_approval_before_preparation_is_refused() -> None:
    report = Report()
    place = report.answer("municipality", "approved_on", "answer", "01-03-2026")
    reading = report.read()
    assert told(reading) == [("dates-reversed", *place)]
    assert only(reading).text_da == "01-03-2026 ligger før 02-03-2026."


def test_both_on_one_day_is_right() -> None:
    report = Report()
    report.answer("municipality", "approved_on", "answer", "02-03-2026")
    assert told(report.read()) == []


@pytest.mark.parametrize("field", ["action_id", "title", "sector", "status"])
def test_a_free_row_that_lacks_what_it_needs_is_told_at_the_empty_cell(field: str) -> None:
    report = Report()
    place = report.answer("actions", 0, field, None)
    assert told(report.read()) == [("row-incomplete", *place)]


def test_a_row_with_one_stray_answer_lacks_every_required_one() -> None:
    report = Report()
    report.answer("actions", 140, "finance_dkk", 5.0)
    lacking = {cell for code, _, cell in told(report.read()) if code == "row-incomplete"}
    row = form().block("actions").first_row + 140
    assert lacking == {f"A{row}", f"B{row}", f"C{row}", f"G{row}"}


def test_a_faulty_key_is_no_missing_one() -> None:
    report = Report()
    place = report.answer("partnerships", 0, "cvr", "x")
    assert told(report.read()) == [("cvr-unreadable", *place)]


@pytest.mark.parametrize("key", ["NO", "NE", "C", "IE"])
def test_a_notation_key_needs_an_explanation(key: str) -> None:
    report = Report()
    report.answer("emissions", "ghg_territorial", "value", key)
    place = report.place("emissions", "ghg_territorial", "explanation")
    reading = report.read()
    assert told(reading) == [("notation-key-without-explanation", *place)]
    assert key in only(reading).text_da


def elsewhere(report: Report, key: str, explanation: str) -> tuple[str, str]:
    report.answer("emissions", key, "value", "IE")
    return report.answer("emissions", key, "explanation", explanation)


@pytest.mark.parametrize(
    "text",
    [
        "ghg_gpc_basic_transport",
        "Se GHG_GPC_BASIC_TRANSPORT.",
        "(ghg_gpc_basic_transport)",
        "ghg_territorial_waste er i ghg_gpc_basic_transport",
    ],
)
def test_an_ie_that_names_a_row_with_a_number_is_right(text: str) -> None:
    report = Report()
    elsewhere(report, "ghg_territorial_waste", text)
    assert told(report.read()) == []


@pytest.mark.parametrize("text", ["transport", "ghg_gpc_basic_transportx", "xghg_gpc_basic"])
def test_an_ie_that_names_no_row_is_refused(text: str) -> None:
    report = Report()
    place = elsewhere(report, "ghg_territorial_waste", text)
    reading = report.read()
    assert told(reading) == [("ie-target-missing", *place)]
    assert only(reading).found == text


@pytest.mark.parametrize("target", ["ghg_own_operations", "ghg_territorial_transport"])
def test_an_ie_to_a_key_or_to_nothing_is_refused(target: str) -> None:
    report = Report()
    place = elsewhere(report, "ghg_territorial_waste", f"I {target}.")
    reading = report.read()
    assert told(reading) == [("ie-target-not-a-number", *place)]
    assert target in only(reading).text_da


def test_an_ie_to_a_number_that_cannot_be_read_is_not_told_twice() -> None:
    report = Report()
    place = report.answer("emissions", "ghg_gpc_basic_transport", "value", "1.500")
    assert told(report.read()) == [("number-ambiguous", *place)]


def test_an_ie_to_itself_is_a_circle() -> None:
    report = Report()
    place = elsewhere(report, "ghg_territorial_waste", "ghg_territorial_waste")
    assert told(report.read()) == [("ie-circular", *place)]


def test_a_circle_of_ie_is_told_once_with_its_way() -> None:
    report = Report()
    first = elsewhere(report, "ghg_territorial", "ghg_territorial_waste")
    elsewhere(report, "ghg_territorial_waste", "ghg_territorial_transport")
    elsewhere(report, "ghg_territorial_transport", "ghg_territorial")
    reading = report.read()
    assert told(reading) == [("ie-circular", *first)]
    way = "ghg_territorial → ghg_territorial_waste → ghg_territorial_transport → ghg_territorial"
    assert way in only(reading).text_da


def test_an_ie_in_a_free_row_names_another_by_the_last_part_of_its_key() -> None:
    report = Report()
    for field, text in {
        "boundary": "GPC BASIC",
        "gpc_reference": "I.2",
        "value": "IE",
        "explanation": "Indgår i I.1.",
    }.items():
        place = report.answer("emission_sources", 5, field, text)
    assert told(report.read()) == []
    report.answer("emission_sources", 5, "explanation", "Indgår i I.1.7")
    assert told(report.read()) == [("ie-target-missing", *place)]


@pytest.mark.parametrize(
    "unreadable",
    [{"gpc_reference": Cell("error", "#REF!")}, {"boundary": "Noget andet"}],
    ids=["reference", "boundary"],
)
def test_an_ie_to_a_row_whose_key_cannot_be_read_is_not_told_as_well(
    unreadable: dict[str, Cell | str],
) -> None:
    report = Report()
    asked = {"boundary": "GPC BASIC", "gpc_reference": "I.2", "value": "IE"}
    for field, text in {**asked, "explanation": "Indgår i I.1.2."}.items():
        report.answer("emission_sources", 5, field, text)
    for field, value in unreadable.items():
        place = report.answer("emission_sources", 1, field, value)
    assert [entry[1:] for entry in told(report.read())] == [place]


def test_an_ie_to_a_fixed_row_whose_key_was_changed_is_not_told_as_well() -> None:
    report = Report()
    elsewhere(report, "ghg_territorial_waste", "I ghg_gpc_basic_transport")
    place = report.answer("emissions", "ghg_gpc_basic_transport", "key", "transport")
    report.answer("emissions", "ghg_gpc_basic_waste", "value", 3)
    report.answer("emissions", "ghg_gpc_basic_waste", "gwp_set", "AR5")
    report.answer("emissions", "ghg_gpc_basic_waste", "explanation", None)
    assert {entry[1:] for entry in told(report.read())} == {place}


def test_what_is_counted_is_asked_for_as_a_count() -> None:
    report = Report()
    report.answer("key_figures", "buses_total", "value", "20 %")
    assert "men her skal stå et antal (busser)" in only(report.read()).text_da
    report = Report()
    report.answer("key_figures", "renewable_consumption_gwh", "value", "20 %")
    assert "men her skal stå et tal (GWh)" in only(report.read()).text_da


def test_of_many_findings_the_first_are_told_and_how_many_are_left() -> None:
    report = Report()
    report.put("Nøgletal", "N5", "en note")
    report.cells["Handlinger"] |= {(row, 3): Cell("text", "x") for row in range(500, 900)}
    findings = report.read().findings
    assert len(findings) == 201
    assert {entry.code for entry in findings[:200]} == {"value-outside-table"}
    rest = findings[-1]
    assert (rest.code, rest.severity) == ("findings-not-all-told", "warning")
    assert "vises: 201." in rest.text_da


def test_a_thousand_merged_ranges_take_no_time() -> None:
    report = Report()
    areas = tuple(f"A{row}:SF{row + 100_000}" for row in range(1, 1_001))
    report.more = {sheet.name: {"merged": areas} for sheet in form().sheets}
    started = time.process_time()
    reading = report.read()
    assert time.process_time() - started < 5
    assert {entry.code for entry in reading.findings} >= {"cells-merged"}
    assert reading.facts == ()


def wild_cells() -> st.SearchStrategy[Cell]:
    return st.one_of(
        st.text(max_size=12).map(lambda text: Cell("text", text)),
        st.sampled_from(["NE", "IE", "Kode", "Værdi (i rækkens enhed)", "buses_total", "0147"]).map(
            lambda text: Cell("text", text)
        ),
        st.floats().map(lambda number: Cell("number", number)),
        st.dates().map(lambda day: Cell("date", day.isoformat())),
        st.just(Cell("error", "#N/A")),
        st.just(Cell("formula", None)),
        st.just(Cell("boolean", True)),
    )


PLACES = st.sampled_from([sheet.name for sheet in form().sheets] + ["_skabelon"])


@given(
    st.lists(st.tuples(PLACES, st.integers(1, 60), st.integers(1, 14), wild_cells()), max_size=6),
    st.lists(st.tuples(PLACES, st.integers(1, 60), st.integers(-3, 3)), max_size=2),
)
@settings(deadline=None, max_examples=150)
def test_whatever_is_done_to_a_report_every_answer_is_a_fact_a_contact_or_a_finding(
    cells: list[tuple[str, int, int, Cell]], shifts: list[tuple[str, int, int]]
) -> None:
    report = Report()
    for sheet, first, by in shifts:
        report.shift_rows(sheet, max(first, 4), by)
    for sheet, row, column, cell in cells:
        report.put(sheet, cell_name(row, column), cell)
    reading = report.read()
    assert {finding.code for finding in reading.findings} <= set(codes())
    addresses = [(entry.sheet, entry.cell) for entry in reading.facts]
    assert len(addresses) == len(set(addresses))
    for entry in reading.facts:
        values = (entry.text, entry.number, entry.date, entry.notation_key)
        assert sum(value is not None for value in values) == 1


def crowded(block: Block) -> dict[str, str]:
    """An answer of the right type for every field."""
    by_type = {"date": "01-02-2024", "year": "2030", "number": "12,5", "amount": "12,5"}
    by_type |= {"cvr": "12345678", "link": "https://kommune.example/1", "text": "Tekst nr. 1"}
    return {
        field.id: field.choices[0].label_da if field.choices else by_type[field.type]
        for field in block.inputs
    }


def test_a_form_with_every_free_row_used_is_read_in_a_fraction_of_a_second() -> None:
    report = Report()
    for block in form().blocks:
        for row in range(block.free_rows):
            for field, text in crowded(block).items():
                report.answer(block.id, row, field, text)
    started = time.process_time()
    reading = report.read()
    assert time.process_time() - started < 5, "0.4 s where nothing else runs"
    assert {code for code, _, _ in told(reading)} <= {"integer-expected"}
    assert len(reading.facts) > 4000
