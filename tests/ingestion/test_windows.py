"""Danish months as windows of hours."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.request import Windows
from ingestion.windows import HOUR, Window, months_of, to_fetch, window_of, windows_until

MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2040, 1, 1)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("name", "start", "hours"),
    [
        ("2026M01", "2025-12-31T23:00", 744),
        ("2026M03", "2026-02-28T23:00", 743),
        ("2026M04", "2026-03-31T22:00", 720),
        ("2026M10", "2026-09-30T22:00", 745),
        ("2024M02", "2024-01-31T23:00", 696),
    ],
)
def test_a_month_is_danish_and_its_hours_are_counted(name: str, start: str, hours: int) -> None:
    window = Window(name)
    assert f"{window.start:%Y-%m-%dT%H:%M}" == start
    assert window.hours == hours
    assert (window.before.after, window.after.before) == (window, window)


@given(MOMENTS)
def test_every_moment_is_in_one_month(moment: datetime) -> None:
    window = window_of(moment)
    assert window.start <= moment < window.end
    assert window.after.start == window.end


@given(MOMENTS, st.integers(1, 60))
def test_months_follow_one_another_without_a_gap(moment: datetime, count: int) -> None:
    windows = windows_until(window_of(moment).name, moment + timedelta(days=28 * count))
    assert all(a.end == b.start for a, b in pairwise(windows))
    assert sum(w.hours for w in windows) == (windows[-1].end - windows[0].start) // HOUR


def test_the_months_of_a_span_are_named() -> None:
    assert months_of("2024M11:2025M02") == ["2024M11", "2024M12", "2025M01", "2025M02"]
    assert months_of("2024M11") == ["2024M11"]
    for wrong in ("2024", "2024M13", "2025M02:2024M11", "2024M1", ":", ""):
        with pytest.raises(ValueError, match="write two months"):
            months_of(wrong)


DECLARED = Windows(first="2026M06", look_back_days=40, most_per_run=2)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def names(fetched: dict[str, datetime], *, is_news: bool = False, **more: list[str]) -> list[str]:
    return [w.name for w in to_fetch(DECLARED, fetched, NOW, is_news=is_news, **more)]


def test_without_news_only_what_was_never_fetched_comes() -> None:
    assert names({}) == ["2026M11", "2026M10"]
    assert names({"2026M11": NOW, "2026M10": NOW}) == ["2026M09", "2026M08"]
    every = {f"2026M{n:02}": NOW for n in range(6, 12)}
    assert names(every) == []
    assert names(every, asked_for=["2026M07", "2020M01"]) == ["2026M07"]


def test_news_brings_every_month_that_is_not_settled() -> None:
    every = {f"2026M{n:02}": NOW for n in range(6, 12)}
    assert names(every, is_news=True) == ["2026M11", "2026M10"]
    early = {name: at - timedelta(days=75) for name, at in every.items()}
    assert names(early, is_news=True) == ["2026M11", "2026M10", "2026M09", "2026M08"]
