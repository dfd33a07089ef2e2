"""Faults of data, put into the accepted rows of a real source, each by a seed.

A fault takes the sound frame, the source and a source of chance, and answers the frame with the
fault, or None where the source cannot have it.
"""

from collections.abc import Callable
from random import Random

import pandas as pd

from ingestion.declaration import Column, Source

Frame = pd.DataFrame
Fault = Callable[[Frame, Source, Random], Frame | None]
LARGE = 20


def _measure(source: Source, chance: Random) -> Column:
    return chance.choice(source.measures)


def _put(frame: Frame, rows: "pd.Index[int]", name: str, values: "pd.Series[float]") -> Frame:
    kind = frame[name].dtype
    given = values.round() if str(kind).startswith("Int") else values
    out = frame.copy()
    out.loc[rows, name] = given.astype(kind)
    return out


def _scaled(frame: Frame, rows: "pd.Index[int]", name: str, factor: float) -> Frame:
    return _put(frame, rows, name, frame.loc[rows, name].astype("Float64") * factor)


def _counted(frame: Frame, source: Source, chance: Random) -> tuple["pd.Index[int]", str]:
    """Rows with a figure that counts, and the measure."""
    name = _measure(source, chance).name
    return frame.index[(frame[name].abs() >= LARGE).fillna(False)], name


def cell(factor: float) -> Fault:
    def fault(frame: Frame, source: Source, chance: Random) -> Frame | None:
        rows, name = _counted(frame, source, chance)
        if rows.empty:
            return None
        return _scaled(frame, pd.Index([chance.choice(list(rows))]), name, factor)

    return fault


def column(factor: float) -> Fault:
    def fault(frame: Frame, source: Source, chance: Random) -> Frame:
        return _scaled(frame, frame.index, _measure(source, chance).name, factor)

    return fault


def _where(frame: Frame, name: str, chance: Random) -> "pd.Index[int]":
    value = chance.choice(sorted(frame[name].unique()))
    return frame.index[frame[name] == value]


def municipality(factor: float) -> Fault:
    def fault(frame: Frame, source: Source, chance: Random) -> Frame | None:
        name = _measure(source, chance).name
        rows = _where(frame, "municipality_code", chance)
        has_figures = (frame.loc[rows, name].abs().max() or 0) >= LARGE
        return _scaled(frame, rows, name, factor) if has_figures else None

    return fault


def one_year(factor: float) -> Fault:
    def fault(frame: Frame, source: Source, chance: Random) -> Frame:
        rows = _where(frame, source.period.name, chance)
        return _scaled(frame, rows, _measure(source, chance).name, factor)

    return fault


def rows_shifted(frame: Frame, source: Source, chance: Random) -> Frame:
    """The figures one row down, the last one on top."""
    out, names = frame.copy(), [m.name for m in source.measures]
    rolled = frame[names].iloc[[-1, *range(len(frame) - 1)]].set_axis(frame.index)
    out[names] = rolled
    return out


def swapped(frame: Frame, source: Source, chance: Random) -> Frame:
    """Two municipalities under each other's code."""
    one, other = chance.sample(sorted(frame["municipality_code"].unique()), 2)
    codes = frame["municipality_code"].replace({one: other, other: one})
    return frame.assign(municipality_code=codes)


def _periods(frame: Frame, source: Source) -> list[object]:
    return sorted(frame[source.period.name].unique())


def year_twice(frame: Frame, source: Source, chance: Random) -> Frame:
    rows = _where(frame, source.period.name, chance)
    return pd.concat([frame, frame.loc[rows]], ignore_index=True)


def year_copied(frame: Frame, source: Source, chance: Random) -> Frame | None:
    """A year with the figures of another one."""
    period, known = source.period.name, _periods(frame, source)
    if len(known) < 2:
        return None
    old, target = chance.sample(known, 2)
    rest = frame[frame[period] != target]
    return pd.concat(
        [rest, frame[frame[period] == old].assign(**{period: target})], ignore_index=True
    )


def year_gone(frame: Frame, source: Source, chance: Random) -> Frame | None:
    """A year left out; the oldest one may fall out of a table without a fault."""
    known = _periods(frame, source)
    if len(known) < 2:
        return None
    period = source.period.name
    gone = chance.choice(known[1:])
    return frame[frame[period] != gone].reset_index(drop=True)


def newest_copied(frame: Frame, source: Source, chance: Random) -> Frame:
    """A new year that is the newest one once more."""
    period = source.period.name
    newest = frame[frame[period] == frame[period].max()]
    label = newest[period].iloc[0]
    following = f"{int(label[:4]) + 1}{label[4:]}" if isinstance(label, str) else label + 1
    return pd.concat([frame, newest.assign(**{period: following})], ignore_index=True)


def zero_for_missing(frame: Frame, source: Source, chance: Random) -> Frame | None:
    known = [m.name for m in source.measures if frame[m.name].isna().any()]
    if not known:
        return None
    name = chance.choice(known)
    return frame.assign(**{name: frame[name].fillna(0)})


def missing_for_zero(frame: Frame, source: Source, chance: Random) -> Frame | None:
    known = [m.name for m in source.measures if (frame[m.name] == 0).sum() >= LARGE]
    if not known:
        return None
    name = chance.choice(known)
    return frame.assign(**{name: frame[name].mask(frame[name] == 0)})


def columns_exchanged(frame: Frame, source: Source, chance: Random) -> Frame | None:
    """Two measures under each other's name."""
    names = [m.name for m in source.measures]
    if len(names) < 2:
        return None
    one, other = chance.sample(names, 2)
    return frame.assign(**{one: frame[other], other: frame[one]})


def municipality_gone(frame: Frame, source: Source, chance: Random) -> Frame:
    return frame.drop(_where(frame, "municipality_code", chance)).reset_index(drop=True)


def row_twice(frame: Frame, source: Source, chance: Random) -> Frame:
    row = chance.choice(list(frame.index))
    return pd.concat([frame, frame.loc[[row]]], ignore_index=True)


def truncated(frame: Frame, source: Source, chance: Random) -> Frame:
    return frame.head(int(len(frame) * chance.uniform(0.2, 0.98)))


def christiansoe(frame: Frame, source: Source, chance: Random) -> Frame:
    """A municipality's rows once more, as code 0411."""
    rows = _where(frame, "municipality_code", chance)
    return pd.concat([frame, frame.loc[rows].assign(municipality_code="0411")], ignore_index=True)


def noise(of_all: bool) -> Fault:
    def fault(frame: Frame, source: Source, chance: Random) -> Frame | None:
        name = _measure(source, chance).name
        rows = frame.index if of_all else _where(frame, source.period.name, chance)
        factors = [max(0.05, chance.gauss(1, 0.3)) for _ in rows]
        given = frame.loc[rows, name].astype("Float64") * pd.Series(factors, index=rows)
        return _put(frame, rows, name, given)

    return fault


def negative(frame: Frame, source: Source, chance: Random) -> Frame | None:
    """One count below zero."""
    counts = [m.name for m in source.measures if m.minimum is not None and m.minimum >= 0]
    if not counts:
        return None
    name = chance.choice(counts)
    rows = frame.index[(frame[name] > 0).fillna(False)]
    return _scaled(frame, pd.Index([chance.choice(list(rows))]), name, -1)


def not_the_sum(frame: Frame, source: Source, chance: Random) -> Frame | None:
    """One part of a whole off by five points."""
    shares = [m.name for m in source.measures if m.unit == "%"]
    if not shares:
        return None
    whole = frame.index[frame[shares].notna().all(axis=1)]
    name, row = chance.choice(shares), chance.choice(list(whole))
    figure = float(frame.loc[row, name])
    moved = figure + 5 if figure < 50 else figure - 5
    return _put(frame, pd.Index([row]), name, pd.Series([moved], index=[row]))


HARD: dict[str, Fault] = {
    "a column × 1000": column(1000),
    "a column ÷ 1000": column(0.001),
    "decimal comma read as thousands (column × 100)": column(100),
    "one municipality × 1000": municipality(1000),
    "a cell × 1000": cell(1000),
    "a cell ÷ 1000": cell(0.001),
    "sign of a cell turned": cell(-1),
    "sign of a column turned": column(-1),
    "a count below zero": negative,
    "rows shifted by one": rows_shifted,
    "a year twice": year_twice,
    "a duplicate key": row_twice,
    "a truncated file": truncated,
    "a municipality missing": municipality_gone,
    "code 0411 added": christiansoe,
    "another unit in one year (× 1000)": one_year(1000),
    "two columns exchanged": columns_exchanged,
}
SUBTLE: dict[str, Fault] = {
    "two municipalities swapped": swapped,
    "a year copied into another": year_copied,
    "last year copied into the new year": newest_copied,
    "a year missing": year_gone,
    "zero for missing": zero_for_missing,
    "missing for zero": missing_for_zero,
    "another unit in one year (× 1.609)": one_year(1.609),
    "noise of 30 %": noise(of_all=True),
    "noise of 30 % in one year": noise(of_all=False),
    "parts that are not the whole": not_the_sum,
}


def revised(frame: Frame, source: Source, chance: Random) -> Frame:
    """What is no fault: a third of the municipalities revised by up to five per cent."""
    out = frame
    known = sorted(frame["municipality_code"].unique())
    chosen = chance.sample(known, len(known) // 3)
    factors = frame["municipality_code"].map({code: chance.uniform(0.95, 1.05) for code in chosen})
    rows = frame.index[factors.notna()]
    for measure in source.measures:
        if measure.unit != "%":
            given = frame.loc[rows, measure.name].astype("Float64") * factors[rows]
            out = _put(out, rows, measure.name, given)
    return out
