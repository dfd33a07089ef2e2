"""When figures are due: the borders of fresh, due, late and stale for every cadence."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.declaration import source_by_id
from ingestion.freshness import following_period_start, freshness, period_start, usual_lag_days

MONTHLY = source_by_id("statbank_folk1am").model_copy(update={"publication_lag_days": 45})
QUARTERLY = source_by_id("statbank_folk1a").model_copy(update={"publication_lag_days": 45})
YEARLY = source_by_id("statbank_are207").model_copy(update={"publication_lag_days": 75})
DAILY = source_by_id("energidataservice_re_coverage_municipality")
CASES = [
    pytest.param(DAILY, "2026-11-14 22:00:00", date(2026, 11, 25), 1, 7, id="daily"),
    pytest.param(MONTHLY, "2026M02", date(2026, 4, 15), 7, 30, id="monthly"),
    pytest.param(QUARTERLY, "2026Q1", date(2026, 5, 16), 22, 91, id="quarterly"),
    pytest.param(YEARLY, "2026", date(2027, 3, 17), 91, 365, id="yearly"),
]


@pytest.mark.parametrize(("source", "period", "expected", "due_days", "late_days"), CASES)
def test_the_borders_between_the_states_are_days(
    source: object, period: str, expected: date, due_days: int, late_days: int
) -> None:
    def state(days: int) -> str:
        found = freshness(source, period, expected + timedelta(days=days))  # type: ignore[arg-type]
        assert found.next_expected_date == expected
        return found.state

    assert state(-400) == "fresh"
    assert (state(0), state(1)) == ("fresh", "due")
    assert (state(due_days), state(due_days + 1)) == ("due", "late")
    assert (state(late_days), state(late_days + 1)) == ("late", "stale")


@pytest.mark.parametrize(
    ("published", "lag"),
    [
        ([], 45),
        ([("2026M01", date(2026, 9, 9)), ("2026M02", date(2026, 3, 20))], 45),
        (
            [
                ("2026M01", date(2026, 9, 9)),
                ("2026M02", date(2026, 3, 20)),
                ("2026M02", date(2026, 5, 1)),
                ("2026M03", date(2026, 4, 15)),
            ],
            47,
        ),
        ([(f"2026M{n:02}", date(2026, n, 1) + timedelta(days=10 * n)) for n in range(1, 9)], 70),
    ],
    ids=["nothing known", "one new period", "a revision between", "the last four"],
)
def test_the_usual_lag_is_that_of_the_last_new_periods(
    published: list[tuple[str, date]], lag: int
) -> None:
    assert usual_lag_days(MONTHLY, published) == lag
    found = freshness(MONTHLY, "2026M02", date(2026, 1, 1), usual_lag_days(MONTHLY, published))
    assert found.next_expected_date == date(2026, 3, 1) + timedelta(days=lag)


@pytest.mark.parametrize(
    ("period", "first"),
    [
        ("2024", date(2024, 1, 1)),
        ("2024-10-27 01:00:00", date(2024, 10, 27)),
        ("2024Q1", date(2024, 1, 1)),
        ("2024Q4", date(2024, 10, 1)),
        ("2024M01", date(2024, 1, 1)),
        ("2024M12", date(2024, 12, 1)),
    ],
)
def test_a_period_begins_on_its_first_day(period: str, first: date) -> None:
    assert period_start(period) == first


@pytest.mark.parametrize(
    ("source", "period", "following"),
    [
        (MONTHLY, "2024M11", date(2024, 12, 1)),
        (MONTHLY, "2024M12", date(2025, 1, 1)),
        (QUARTERLY, "2024Q4", date(2025, 1, 1)),
        (QUARTERLY, "2024Q1", date(2024, 4, 1)),
        (YEARLY, "2024", date(2025, 1, 1)),
    ],
)
def test_the_following_period_crosses_the_year(
    source: object, period: str, following: date
) -> None:
    assert following_period_start(source, period) == following  # type: ignore[arg-type]


@given(st.integers(1950, 2090), st.integers(1, 12), st.integers(0, 2000))
def test_a_source_only_ever_grows_older(year: int, month: int, days: int) -> None:
    order = ["fresh", "due", "late", "stale"]
    period, today = f"{year}M{month:02}", date(year, month, 1) + timedelta(days=days)
    now = freshness(MONTHLY, period, today).state
    then = freshness(MONTHLY, period, today + timedelta(days=1)).state
    assert order.index(now) <= order.index(then)
