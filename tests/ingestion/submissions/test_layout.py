"""Tables, columns and rows are found where somebody moved them; what is lost is told once."""

import pytest

from ingestion.submissions.cells import Cell
from tests.ingestion.submissions.handed_in import (
    Report,
    fact,
    form,
    only,
    row_number,
    told,
)

FIGURES, EMISSIONS = "Nøgletal", "Udledninger"


def test_a_renamed_header_is_refused_and_its_column_not_read() -> None:
    report = Report()
    report.put(FIGURES, "E4", "Tal")
    reading = report.read()
    assert told(reading) == [("header-missing", FIGURES, "E4")]
    assert only(reading).found == "Tal"
    assert fact(reading, "key_figures", "buses_total", "value") is None
    assert fact(reading, "key_figures", "buses_hvo", "explanation")


def test_a_header_that_says_the_same_in_other_spacing_is_found() -> None:
    report = Report()
    report.put(FIGURES, "E4", " Værdi\u00a0(i rækkens\nenhed)\u200b")
    assert told(report.read()) == []


def test_a_renamed_key_header_leaves_the_rows_to_be_found() -> None:
    report = Report()
    report.put(FIGURES, "A4", "Id")
    reading = report.read()
    assert told(reading) == [("header-missing", FIGURES, "A4")]
    assert fact(reading, "key_figures", "buses_total", "value")


def test_headers_of_columns_for_comparison_do_not_matter() -> None:
    report = Report()
    report.put(FIGURES, "H4", "Sidste år")
    report.put(FIGURES, "J4", None)
    assert told(report.read()) == []


def test_an_inserted_column_is_read_past_and_told_once() -> None:
    report, untouched = Report(), Report().read()
    report.shift_columns(FIGURES, 5, 1, range(4, 30))
    reading = report.read()
    assert told(reading) == [("header-moved", FIGURES, "F4")]
    assert only(reading).severity == "warning"
    moved = fact(reading, "key_figures", "buses_total", "value")
    assert moved
    assert (moved.number, moved.cell) == (20, "F5")
    assert len(reading.facts) == len(untouched.facts)


def test_two_swapped_columns_are_read_under_their_headers() -> None:
    report = Report()
    cells = report.cells[FIGURES]
    swapped = {5: 6, 6: 5}
    report.cells[FIGURES] = {
        (row, swapped.get(column, column) if row >= 4 else column): cell
        for (row, column), cell in cells.items()
    }
    reading = report.read()
    assert [code for code, _, _ in told(reading)] == ["header-moved", "header-moved"]
    value = fact(reading, "key_figures", "buses_total", "value")
    assert value
    assert value.number == 20


def test_a_deleted_column_is_missing_and_the_rest_is_found() -> None:
    report = Report()
    report.shift_columns(EMISSIONS, 8, -1, range(4, 29))
    reading = report.read()
    assert told(reading) == [
        ("header-missing", EMISSIONS, "G4"),
        ("header-moved", EMISSIONS, "G4"),
    ]


def test_a_header_that_stands_twice_is_refused() -> None:
    report = Report()
    report.put(FIGURES, "L4", "Værdi (i rækkens enhed)")
    report.put(FIGURES, "L5", 99.0)
    reading = report.read()
    assert told(reading) == [("header-duplicate", FIGURES, "L4")]
    value = fact(reading, "key_figures", "buses_total", "value")
    assert value
    assert value.number == 20


@pytest.mark.parametrize("by", [1, 7, 20])
def test_a_table_moved_down_is_read_from_there(by: int) -> None:
    report, untouched = Report(), Report().read()
    report.shift_rows(FIGURES, 1, by)
    reading = report.read()
    assert told(reading) == [("header-row-moved", FIGURES, f"A{4 + by}")]
    assert len(reading.facts) == len(untouched.facts)
    moved = fact(reading, "key_figures", "buses_total", "value")
    assert moved
    assert moved.cell == f"E{5 + by}"


def test_both_tables_of_a_sheet_are_found_after_an_inserted_row() -> None:
    report, untouched = Report(), Report().read()
    report.shift_rows(EMISSIONS, 1, 2)
    reading = report.read()
    assert told(reading) == [
        ("header-row-moved", EMISSIONS, "A6"),
        ("header-row-moved", EMISSIONS, "A33"),
    ]
    assert len(reading.facts) == len(untouched.facts)


@pytest.mark.parametrize("by", [21, 500])
def test_a_table_that_cannot_be_found_is_told_once(by: int) -> None:
    report = Report()
    report.shift_rows(FIGURES, 1, by)
    assert told(report.read()) == [("header-missing", FIGURES, "A4")]


def test_a_deleted_header_row_is_told_once() -> None:
    report = Report()
    report.shift_rows(FIGURES, 5, -1)
    assert told(report.read()) == [("header-missing", FIGURES, "A4")]


def test_a_deleted_row_is_missing_where_it_should_be_and_the_rest_is_found() -> None:
    report = Report()
    number = row_number(form().block("key_figures"), "buses_hydrogen")
    report.shift_rows(FIGURES, number + 1, -1)
    reading = report.read()
    assert told(reading) == [("row-missing", FIGURES, f"A{number}")]
    assert "buses_hydrogen" in only(reading).text_da
    assert fact(reading, "key_figures", "buses_biogas", "value")


def test_an_emptied_key_is_a_missing_row_and_its_answers_are_not_told_again() -> None:
    report = Report()
    sheet, cell = report.answer("key_figures", "buses_electric", "key", None)
    assert told(report.read()) == [("row-missing", sheet, cell)]


def test_a_changed_key_is_an_unknown_row_and_told_once() -> None:
    report = Report()
    sheet, cell = report.answer("key_figures", "buses_electric", "key", "buses_el")
    assert told(report.read()) == [("row-unknown", sheet, cell)]


def test_a_row_added_under_the_form_is_unknown() -> None:
    report = Report()
    for column, text in enumerate(["my_own", "", "Mit tal", "stk", "5"], 1):
        report.cells[FIGURES][25, column] = Cell("text", text)
    assert told(report.read()) == [("row-unknown", FIGURES, "A25")]


def test_a_key_that_stands_twice_is_refused() -> None:
    report = Report()
    sheet, cell = report.answer("key_figures", "buses_electric", "key", "buses_total")
    assert told(report.read()) == [("row-duplicate", sheet, cell)]


def test_rows_sorted_otherwise_are_found_by_key() -> None:
    report = Report()
    cells = report.cells[FIGURES]
    last = max(row for row, _ in cells)
    report.cells[FIGURES] = {
        (5 + last - row if row >= 5 else row, column): cell for (row, column), cell in cells.items()
    }
    reading = report.read()
    assert told(reading) == []
    value = fact(reading, "key_figures", "buses_total", "value")
    assert value
    assert (value.number, value.cell) == (20, f"E{last}")
