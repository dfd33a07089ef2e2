"""How much is told of a submission, and in what order."""

import pytest

from ingestion.submissions.cells import Place
from ingestion.submissions.findings import REST, Finding, finding, told


def warning(row: int) -> Finding:
    return finding("row-hidden", Place("Ark", row, 1))


def error(row: int) -> Finding:
    return finding("formula-without-value", Place("Ark", row, 1))


def cells(findings: tuple[Finding, ...]) -> list[str | None]:
    return [entry.cell for entry in findings]


@pytest.mark.parametrize("count", [0, 1, 200])
def test_few_findings_are_all_told_in_their_order(count: int) -> None:
    findings = [warning(row) if row % 2 else error(row) for row in range(1, count + 1)]
    assert told(findings) == tuple(findings)


def test_of_many_the_errors_come_first_and_the_rest_is_counted() -> None:
    findings = [*map(warning, range(1, 201)), error(300), error(299)]
    shown = told(findings)
    assert cells(shown)[:3] == ["A300", "A299", "A1"]
    assert len(shown) == 201
    assert (shown[-1].code, shown[-1].found) == (REST, "2")
    assert shown[-1].text_da.endswith("ikke vises: 2.")


def test_what_an_earlier_call_left_out_is_still_counted() -> None:
    once = told([*map(warning, range(1, 302))])
    again = told([*once, error(1), error(2)])
    assert cells(again)[:2] == ["A1", "A2"]
    assert (again[-1].code, again[-1].found) == (REST, "103")
    assert [entry.code for entry in again].count(REST) == 1
    assert told(again) == again
