"""When the next figures are due, and what to call a source that has not brought them.

A source's newest period and its declared cadence say when the following period should be out.
Until then it is *fresh*; in the first quarter of a cadence after that *due*; up to a whole cadence
*late*; beyond that *stale*. Figures of every day have a day for *due* and a week for *late*.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from ingestion.declaration import Cadence, Source

SHORTEST_LATE_DAYS = 7


@dataclass(frozen=True)
class Freshness:
    """The word for a source's age, with the date that it follows from."""

    state: str
    next_expected_date: date


def period_start(period: str) -> date:
    """First day of ``2024``, ``2024Q3`` or ``2024M07``; the day of ``2024-07-01 13:00:00``."""
    if "-" in period:
        return date.fromisoformat(period[:10])
    year = int(period[:4])
    if "Q" in period:
        return date(year, 3 * int(period[5:]) - 2, 1)
    return date(year, int(period[5:]) if "M" in period else 1, 1)


def following_period_start(source: Source, period: str) -> date:
    """First day of the period after this one, by the source's cadence."""
    start = period_start(period)
    if source.cadence is Cadence.DAILY:
        return start + timedelta(days=1)
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}[source.cadence.value]
    index = start.year * 12 + start.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def freshness(source: Source, latest_period: str, today: date) -> Freshness:
    """Judge the age of a source by its newest period."""
    expected = following_period_start(source, latest_period) + timedelta(
        days=source.publication_lag_days
    )
    overdue = (today - expected).days
    late_days = max(source.cadence.days, SHORTEST_LATE_DAYS)
    if overdue <= 0:
        state = "fresh"
    elif overdue <= late_days // 4:
        state = "due"
    elif overdue <= late_days:
        state = "late"
    else:
        state = "stale"
    return Freshness(state, expected)
