"""What gate 1 asks of a month of hours, each rule seen to fail."""

from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd
import pytest

from expectations.window_gate import judge_window
from ingestion.declaration import source_by_id
from ingestion.windows import Window

SOURCE = source_by_id("energidataservice_re_coverage_municipality")
OCTOBER = Window("2026M10")
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def month(window: Window = OCTOBER, level: float = 1.0) -> pd.DataFrame:
    """A month of two municipalities, without what these rules do not ask for."""
    start = pd.Timestamp(window.start).tz_localize(None)
    hours = pd.date_range(start, periods=window.hours, freq="h")
    frame = pd.MultiIndex.from_product([["0101", "0751"], hours]).to_frame(index=False)
    frame.columns = pd.Index(["municipality_code", "hour_utc"])
    return frame.assign(renewable_kept_kwh=10.0 * level, consumption_kwh=20.0 * level)


def failed(
    frame: pd.DataFrame, now: datetime = LATER, beside: pd.DataFrame | None = None
) -> list[str]:
    found = judge_window(frame, SOURCE, OCTOBER, now, beside)
    return [judgement.rule.id for judgement in found if not judgement.passed]


def test_a_whole_month_passes_beside_another() -> None:
    assert failed(month(), beside=month(Window("2026M09"), 3.0)) == []


def test_a_month_that_has_only_begun_passes_until_it_should_be_over() -> None:
    half = month()[lambda f: f["hour_utc"] < "2026-10-15"]
    assert failed(half, datetime(2026, 10, 20, tzinfo=UTC)) == []
    assert failed(half) == ["hours_missing"]


BREAKS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "hours_missing": lambda f: f[f["hour_utc"] != "2026-10-25 01:00"],
    "hours_outside": lambda f: pd.concat([f, month(Window("2026M11")).head(3)]),
    "series_gaps": lambda f: f.drop(f.index[f["municipality_code"].eq("0751")][:5]),
    "consumption_kwh_level": lambda f: f.assign(consumption_kwh=f["consumption_kwh"] * 1000),
}


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_can_fail(rule: str) -> None:
    assert failed(BREAKS[rule](month()), beside=month(Window("2026M09"))) == [rule]


def test_a_measure_without_any_figure_has_no_level() -> None:
    empty = month().assign(renewable_kept_kwh=pd.array([None] * 1490, dtype="Float64"))
    assert failed(empty, beside=month(Window("2026M09"))) == []
