"""Ten years of hours of every municipality, month by month: nothing lost, nothing twice."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ingestion.windows import Window
from tests.orchestration.test_hours import (
    asked_months,
    declared,
    night,
    release_of,
    rows,
    settings_at,
)
from tests.providers.hours import EPOCH, HOUR, NUMBERS, HourlyDataSet
from tests.providers.server import Providers

FIRST, YEARS = "2016M11", 10
UNTIL = datetime(2026, 11, 15, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def expected_sum(start: datetime, end: datetime) -> float:
    """The sum of all consumption between two moments, by the formula of the data set alone."""
    index = np.arange((start - EPOCH) // HOUR, (end - EPOCH) // HOUR)
    of_hours = index % 24 * 311 + index % 17 * 0.125
    return math.fsum(math.fsum(30_000 + int(n) * 7 + of_hours) for n in NUMBERS)


@pytest.mark.long
def test_ten_years_of_hours_are_whole(tmp_path: Path, providers: Providers) -> None:
    data = HourlyDataSet(UNTIL)
    providers.add("energidataservice", data.answer)
    source, start, nights = declared(FIRST), Window(FIRST).start, 0
    settings = settings_at(tmp_path, providers, NIGHT)
    while night(settings, source).result == "accepted":
        nights += 1
    assert nights == math.ceil((YEARS * 12 + 1) / 12), "twelve months a night"
    assert len(asked_months(providers)) == YEARS * 12 + 1, "no month twice"
    hours = (UNTIL - start) // HOUR
    found = rows(
        settings, "select count(*), count(distinct row_key), sum(consumption_kwh) from hours"
    )
    (count, different, total) = found[0]
    assert (count, different) == (98 * hours, 98 * hours)
    assert total == pytest.approx(expected_sum(start, UNTIL), rel=1e-9)
    odd_days = rows(
        settings,
        "select year(hour_dk::date), count(*) from hours where municipality_code = '0101' "
        "group by hour_dk::date having count(*) in (23, 25) order by all",
    )
    # The first month began after the autumn hour of 2016, the last one holds that of 2026.
    assert sorted(odd_days) == sorted(
        [(year, hours) for year in range(2017, 2027) for hours in (23, 25)]
    )
    wrong = datetime(2026, 10, 25, 1, tzinfo=UTC)
    data.corrections[("751", wrong)] = 2.0
    data.changed += HOUR
    later = settings_at(tmp_path, providers, NIGHT + timedelta(days=1))
    before = release_of(settings)
    assert night(later, source).result == "accepted"
    changed = {n for n, w in release_of(later).windows.items() if w != before.windows[n]}
    assert changed == {"2026M10"}
    (again,) = rows(later, "select sum(consumption_kwh) from hours")
    plain = 30_000 + 751 * 7 + (wrong - EPOCH) // HOUR % 24 * 311
    plain += (wrong - EPOCH) // HOUR % 17 * 0.125
    assert again[0] == pytest.approx(expected_sum(start, UNTIL) + plain, rel=1e-12)
