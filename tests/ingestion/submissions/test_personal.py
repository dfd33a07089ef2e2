"""Names and addresses in texts that would be published are refused, and not repeated."""

import pytest

from tests.ingestion.submissions.handed_in import Report, told


@pytest.mark.parametrize(
    "text",
    [
        "Spørgsmål til søren.møller@ærø.dk",
        "Sag 010170-1234",
        "Ane Hansen, Klima og Miljø",
        "ANE  HANSEN",
        "ring til bo jensen",
    ],
)
def test_a_text_with_somebody_in_it_is_refused_at_its_cell(text: str) -> None:
    report = Report()
    sheet, cell = report.answer("actions", 0, "owner_unit", text)
    reading = report.read()
    assert told(reading) == [("personal-data-in-text", sheet, cell)]
    assert text not in str(reading.findings)


@pytest.mark.parametrize(
    "text", ["Klima og Miljø", "Sag 202401-0001", "Hansen & Søn", "@kommunen", "99-01-70-1234"]
)
def test_a_text_without_anybody_is_taken(text: str) -> None:
    report = Report()
    report.answer("actions", 0, "owner_unit", text)
    assert told(report.read()) == []
