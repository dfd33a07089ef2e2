"""When the next figures are due, and what to call a source that has not brought them.

A source's newest period, its declared cadence, and how long after its beginning the last periods
came, or else the declared lag, say when the following period should be out.
Until then it is *fresh*; in the first quarter of a cadence after that *due*; up to a whole cadence
*late*; beyond that *stale*. Figures of every day have a day for *due* and a week for *late*.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_high

from ingestion.declaration import Cadence, Source

SHORTEST_LATE_DAYS = 7
FEWEST_OBSERVED, OBSERVED = 2, 4


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


def usual_lag_days(source: Source, published: Sequence[tuple[str, date]]) -> int:
    """Days from the first day of a period to its publication.

    Args:
        source: the declaration, whose figure counts until there are two of our own.
        published: newest period and day of publication of the last releases, oldest first. A
            release without a new period revises, and the first one came whenever we first looked.

    Returns:
        The median of the last ``OBSERVED`` new periods, the higher one of two.
    """
    lags: list[int] = []
    newest: str | None = None
    for period, day in published:
        if newest is not None and period > newest:
            lags.append((day - period_start(period)).days)
        newest = max(period, newest or period)
    if len(lags) < FEWEST_OBSERVED:
        return source.publication_lag_days
    return int(median_high(lags[-OBSERVED:]))


def freshness(
    source: Source, latest_period: str, today: date, lag_days: int | None = None
) -> Freshness:
    """Judge the age of a source by its newest period, and the usual or the declared lag."""
    lag = source.publication_lag_days if lag_days is None else lag_days
    expected = following_period_start(source, latest_period) + timedelta(days=lag)
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
