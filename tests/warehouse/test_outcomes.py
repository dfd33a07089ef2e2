"""Outcome rows: one per look, so that how long something has been failing is a query."""

from pathlib import Path

import pytest

from tests.warehouse.publishing import asked, laid_out
from warehouse.layout import Layout
from warehouse.outcomes import Outcome, RunRecord, last_outcomes, record, record_run, runs


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return laid_out(tmp_path / "data")


def outcome(day: int, result: str) -> Outcome:
    return Outcome(f"run-{day}", "statbank_are207", f"2026-11-{day}T02:30:00+00:00", result)


def told(layout: Layout, *results: str) -> tuple[str | None, str | None]:
    for day, result in enumerate(results, start=10):
        record(layout, outcome(day, result))
    last, good = last_outcomes(layout, "statbank_are207")
    return shown(last), shown(good)


def shown(found: Outcome | None) -> str | None:
    return f"{found.at[8:10]} {found.result}" if found else None


def test_nothing_looked_at_yet(layout: Layout) -> None:
    assert last_outcomes(layout, "statbank_are207") == (None, None)


def test_the_last_and_the_last_good_outcome_are_told_apart(layout: Layout) -> None:
    results = ("accepted", "unchanged", "failed", "quarantined")
    assert told(layout, *results) == ("13 quarantined", "11 unchanged")


@pytest.mark.parametrize("result", ["failed", "quarantined", "not_configured"])
def test_trouble_is_no_good_outcome(layout: Layout, result: str) -> None:
    assert told(layout, result) == (f"10 {result}", None)


def test_a_torn_outcome_is_one_that_was_never_reported(layout: Layout) -> None:
    told(layout, "accepted")
    with (layout.outcomes / "statbank_are207.jsonl").open("a") as handle:
        handle.write('{"run_id": "run-11", "source')
    assert last_outcomes(layout, "statbank_are207") == (outcome(10, "accepted"),) * 2


def test_outcomes_are_a_table_to_sql(layout: Layout) -> None:
    told(layout, "accepted", "failed", "failed")
    files = f"{layout.outcomes}/statbank_*.jsonl"
    sql = f"select min(\"at\") from read_json('{files}') where result = 'failed'"
    assert str(asked(sql)[0][0]).startswith("2026-11-11")


def test_runs_are_recorded_oldest_first(layout: Layout) -> None:
    assert runs(layout) == []
    for number in (1, 2):
        record_run(
            layout, RunRecord(str(number), "a", "b", "published", None, "", "snapshot", None)
        )
    assert [run["run_id"] for run in runs(layout)] == ["1", "2"]
