"""What gate 1 asks of a window beyond what it asks of any release: all its hours, and only them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from expectations.judge import judge
from expectations.rules import Rule, at_most
from expectations.verdict import Judgement
from ingestion.declaration import Source
from ingestion.windows import HOUR, Window

if TYPE_CHECKING:
    import pandas as pd

# A window's level against the one beside it: solar power is four times as strong in April as in
# February; a factor of 1000 is not a season.
LEVEL = (0.05, 20.0)
OUTSIDE_WHY = "An hour of another month would be counted twice."
MISSING_WHY = "A sum over a month with a gap is too small and looks right."
SERIES_WHY = "Where single series have fewer hours, their sums are too small."
LEVEL_WHY = "A dropped or added factor of 1000 passes every check of form."


def judge_window(
    frame: "pd.DataFrame",
    source: Source,
    window: Window,
    now: datetime,
    beside: "pd.DataFrame | None",
) -> list[Judgement]:
    """Judge the hours of a window, and its level against a window beside it.

    Args:
        frame: (rows × declared columns) of the window.
        source: the declaration.
        window: which month.
        now: the clock; a month must reach its end once the provider's usual lag is over.
        beside: the rows of a neighbouring month, None when there is none.
    """
    rules = [
        at_most("hours_outside", "window", "hours_outside", 0, OUTSIDE_WHY),
        at_most("hours_missing", "continuity", "hours_missing", 0, MISSING_WHY),
        at_most("series_gaps", "continuity", "series_gaps", 0, SERIES_WHY, "warn"),
    ]
    judgements = judge(_hours(frame, source, window, now), rules, [])
    levels = _levels(frame, beside, source) if beside is not None else None
    if levels is not None and len(levels.columns):
        judgements += judge(levels, [_level_rule(name) for name in levels.columns], [])
    return judgements


def _hours(frame: "pd.DataFrame", source: Source, window: Window, now: datetime) -> "pd.DataFrame":
    """(1 × [hours_outside, hours_missing, series_gaps]), all of them counts."""
    import pandas as pd

    hours = frame[source.period.name]
    start, end = (pd.Timestamp(moment).tz_localize(None) for moment in (window.start, window.end))
    inside = hours[(hours >= start) & (hours < end)]
    is_over = now >= window.end + timedelta(days=source.publication_lag_days + 1)
    last = end if is_over or inside.empty else inside.max() + HOUR
    wanted = (last - start) // HOUR
    series = [name for name in source.key if name != source.period.name]
    of_series = frame.groupby(series)[source.period.name].nunique() if series else None
    gaps = 0 if of_series is None else int((of_series < inside.nunique()).sum())
    return pd.DataFrame(
        {
            "hours_outside": [len(hours) - len(inside)],
            "hours_missing": [wanted - inside.nunique()],
            "series_gaps": [gaps],
        }
    )


def _levels(frame: "pd.DataFrame", beside: "pd.DataFrame", source: Source) -> "pd.DataFrame":
    """(1 × [<measure>_level]): the mean of an hour divided by that of the month beside; a measure
    of which one of the two has none, or zero, is left out.
    """
    import pandas as pd

    levels = {}
    for measure in source.measures:
        new, old = (f[measure.name].astype("float64").abs().mean() for f in (frame, beside))
        if new > 0 and old > 0:
            levels[f"{measure.name}_level"] = [new / old]
    return pd.DataFrame(levels)


def _level_rule(column: str) -> Rule:
    low, high = LEVEL
    limits = {"column": column, "min_value": low, "max_value": high}
    return Rule(column, "continuity", "expect_column_values_to_be_between", limits, why=LEVEL_WHY)
