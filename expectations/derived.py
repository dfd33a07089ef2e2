"""Frames made from a release for rules that single rows cannot answer.

``periods`` has one row per period: rows, municipalities, if any, and the sum of each measure.
``steps`` has one row per series and period: each measure divided by that of the period before.
``wholes`` has one row per key: the shares of a whole added up. ``change`` has one row per key that
the last accepted release holds too: new divided by old. ``comparison`` has one row about both
releases as a whole.
"""

import pandas as pd

from ingestion.declaration import Source

LARGE = 100


def periods(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """(periods × [period, rows, <measure>_sum, municipalities])."""
    grouped = frame.groupby(source.period.name, as_index=False)
    asked = {f"{m.name}_sum": (m.name, "sum") for m in source.measures}
    if source.municipality:
        asked["municipalities"] = (source.municipality.name, "nunique")
    return grouped.agg(rows=("row_key", "size"), **asked)


def steps(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """(rows with a predecessor × [key…, <measure>_step]); a zero before gives no step."""
    series = [name for name in source.key if name != source.period.name]
    ordered = frame.sort_values([*series, source.period.name])
    out = ordered[source.key].copy()
    for measure in source.measures:
        figures = ordered.groupby(series)[measure.name] if series else ordered[measure.name]
        before = figures.shift(1)
        out[f"{measure.name}_step"] = ordered[measure.name] / before.where(before != 0)
    return out.dropna(subset=[f"{m.name}_step" for m in source.measures], how="all")


def wholes(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """(rows with every share × [key…, shares_sum]); the measures in per cent are the shares."""
    shares = [measure.name for measure in source.measures if measure.unit == "%"]
    whole = frame.dropna(subset=shares)
    return whole[source.key].assign(shares_sum=whole[shares].sum(axis=1))


def change(frame: pd.DataFrame, before: pd.DataFrame, source: Source) -> pd.DataFrame:
    """(keys in both × [key…, <measure>_ratio, <measure>_collapsed]); a zero gives no ratio."""
    names = [measure.name for measure in source.measures]
    both = frame[source.key + names].merge(
        before[source.key + names], on=source.key, suffixes=("", "_before")
    )
    for name in names:
        old = both[f"{name}_before"]
        both[f"{name}_ratio"] = both[name] / old.where(old != 0)
        fell = (old >= LARGE) & (both[name] == 0)
        both[f"{name}_collapsed"] = fell.fillna(False).astype(int)
    return both


def counted(frame: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """(1 × [rows, rows_before])."""
    return pd.DataFrame({"rows": [len(frame)], "rows_before": [len(before)]})


def comparison(frame: pd.DataFrame, before: pd.DataFrame, source: Source) -> pd.DataFrame:
    """(1 × [rows, later_periods_before])."""
    period = source.period.name
    later = before.loc[before[period] > frame[period].max(), period].nunique()
    return pd.DataFrame({"rows": [len(frame)], "later_periods_before": [later]})


DERIVED = {"periods": periods, "steps": steps, "wholes": wholes}
