"""How a release revises the one in force: frames for rules on periods that both of them hold.

A provider revises by a few per cent. A factor, a sign, a zero where nothing was known, or the
figures of somebody else are no revision.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from expectations.rules import Rule, at_most
from ingestion.declaration import Column, Source

MOVED = 0.2
LEAP = 5.0
SMALL = 20.0
SMALL_SHARE_OF_MEDIAN = 0.2
FEWEST_CELLS = 8
EXCHANGED = 0.1

# Rule → the most that may be found, and why. Observed on embedded data that is revised by up to
# five per cent: 0 for each of them.
SINGLE = {
    "leapt": (0, "A single figure five times as large, or a fifth of it, is a slip of a unit."),
    "turned": (0, "A figure that changes its sign was subtracted where it was added before."),
    "exchanged": (0, "Two municipalities with each other's figures have changed places."),
}
SHARES = {
    "moved": (0.25, "A quarter of a period's or a municipality's figures moved by a fifth."),
    "copied": (0.5, "Changed figures that another period had are that period's, not revised ones."),
    "mutual": (0.5, "A municipality whose changed figures are all another's has changed places."),
    "filled_with_zero": (0.5, "What was unknown is not all zero now: a zero stands for missing."),
    "emptied_of_zero": (0.5, "What was zero is not all unknown now: missing stands for zero."),
}
NEWS = {
    "repeated": (0.5, "A new period with the figures of the last one is a copy of it."),
    "periods_lost": (0, "Oldest periods may fall out; a gap between two others may not."),
}
KEYS_LOST, KEYS_LOST_WHY = 0.005, "Rows of periods that are still there do not go, one by one."


def cells(frame: pd.DataFrame, before: pd.DataFrame, source: Source, measure: str) -> pd.DataFrame:
    """(keys in both × [key…, old, new, and a flag 0 or 1 per column of SINGLE, moved to mutual]).

    ``moved`` is null for small figures, ``copied`` and ``mutual`` for unchanged ones as well.
    """
    wanted = [*source.key, measure]
    both = before[wanted].merge(frame[wanted], on=source.key, suffixes=("_old", "_new"))
    both = both.rename(columns={f"{measure}_old": "old", f"{measure}_new": "new"})
    both[["old", "new"]] = both[["old", "new"]].astype("float64")
    known = both["old"].notna() & both["new"].notna()
    size = both[["old", "new"]].abs().max(axis=1)
    is_large = known & (size >= _floor(both, source))
    ratio = both["new"].abs() / both["old"].abs().where(both["old"] != 0)
    leapt = is_large & (both["old"] != 0) & ~ratio.between(1 / LEAP, LEAP)
    both["leapt"] = leapt.astype(int)
    both["turned"] = (is_large & (both["old"] * both["new"] < 0) & ratio.between(0.5, 2)).astype(
        int
    )
    moved = (both["new"] - both["old"]).abs() / both["old"].abs().where(both["old"] != 0)
    both["moved"] = (moved > MOVED).astype("float64").where(is_large)
    both["copied"] = _copied(both, source, is_large)
    is_exchanged = _exchanged(both, source, is_large)
    both["mutual"] = is_exchanged.astype("float64").where(is_large & (both["old"] != both["new"]))
    both["exchanged"] = (is_exchanged & ~(moved <= EXCHANGED)).astype(int)
    return both


def _strata(source: Source) -> list[str]:
    """The key without municipality and period: figures of one stratum are alike."""
    return [n for n in source.key if n not in (*_place(source), source.period.name)]


def _place(source: Source) -> list[str]:
    """The key's column of municipalities, if any."""
    return [source.municipality.name] if source.municipality else []


def _floor(both: pd.DataFrame, source: Source) -> pd.Series:
    """The size above which a figure is no small number, per stratum."""
    median = both["old"].abs().where(both["old"] != 0)
    names = _strata(source)
    typical = (
        median.groupby([both[name] for name in names]).transform("median")
        if names
        else pd.Series(median.median(), index=both.index)
    )
    return (SMALL_SHARE_OF_MEDIAN * typical).clip(upper=SMALL).fillna(SMALL)


def _exchanged(both: pd.DataFrame, source: Source, is_large: "pd.Series[bool]") -> pd.Series:
    """Cells that hold another municipality's old figure, while that one holds theirs."""
    changed = both[is_large & (both["old"] != both["new"])]
    group = [*_strata(source), source.period.name]
    mine = changed[[*group, "old", "new"]].reset_index()
    theirs = mine.rename(columns={"old": "new", "new": "old", "index": "other"})
    pairs = mine.merge(theirs, on=[*group, "old", "new"])
    return pd.Series(both.index.isin(pairs["index"]), index=both.index)


def _copied(both: pd.DataFrame, source: Source, is_large: "pd.Series[bool]") -> pd.Series:
    """Whether a changed figure is the one that another period of its series had."""
    series = [*_place(source), *_strata(source)]
    is_changed = is_large & (both["old"] != both["new"])
    had = both[[*series, "old"]].drop_duplicates().rename(columns={"old": "new"})
    found = both[[*series, "new"]].merge(had.assign(was_had=1.0), on=[*series, "new"], how="left")
    return found["was_had"].fillna(0.0).set_axis(both.index).where(is_changed)


def news(frame: pd.DataFrame, before: pd.DataFrame, source: Source, measure: str) -> pd.DataFrame:
    """(1 × [repeated, periods_lost]): by how much a new period repeats the last one more than is
    usual, and how many periods between the first and the last are gone; days of a register may go.
    """
    period = source.period.name
    old, new = sorted(before[period].unique()), sorted(frame[period].unique())
    gaps = [each for each in old if new[0] < each < new[-1] and each not in new]
    lost = [] if source.is_register else gaps
    added = [each for each in new if each > old[-1]]
    usual = _repeats(before, source, measure, *old[-2:]) if len(old) > 1 else 0.0
    last = frame[frame[period] == added[0]] if added else frame.head(0)
    both = pd.concat([before[before[period] == old[-1]], last], ignore_index=True)
    repeated = _repeats(both, source, measure, old[-1], added[0]) - usual if added else 0.0
    return pd.DataFrame({"repeated": [repeated], "periods_lost": [len(lost)]})


def _repeats(
    frame: pd.DataFrame, source: Source, measure: str, one: object, other: object
) -> float:
    """The share of figures other than zero that two periods have in common."""
    period = source.period.name
    key = [name for name in source.key if name != period]
    first, second = (frame.loc[frame[period] == each, [*key, measure]] for each in (one, other))
    both = first.merge(second, on=key, suffixes=("_one", "_other")).dropna()
    both = both[both[f"{measure}_one"] != 0]
    return float((both[f"{measure}_one"] == both[f"{measure}_other"]).mean()) if len(both) else 0.0


def groups(cells_found: pd.DataFrame, source: Source) -> pd.DataFrame:
    """(periods and municipalities × [group, and the share of cells per column of SHARES])."""
    parts = []
    for name in (source.period.name, *_place(source)):
        grouped = cells_found.assign(
            was_missing=cells_found["old"].isna(),
            was_zero=cells_found["old"] == 0,
            filled=cells_found["old"].isna() & (cells_found["new"] == 0),
            emptied=(cells_found["old"] == 0) & cells_found["new"].isna(),
        ).groupby(name)
        found = pd.DataFrame(
            {name: _share(grouped, name) for name in ("moved", "copied", "mutual")}
        )
        found["filled_with_zero"] = grouped["filled"].sum() / grouped["was_missing"].sum()
        found["emptied_of_zero"] = grouped["emptied"].sum() / grouped["was_zero"].sum()
        parts.append(found.reset_index().rename(columns={name: "group"}).astype({"group": str}))
    return pd.concat(parts, ignore_index=True).fillna(0.0)


def _share(grouped: Any, name: str) -> pd.Series:
    """A mean over the cells that count; null where they are too few."""
    means: pd.Series = grouped[name].mean()
    return means.where(grouped[name].count() >= FEWEST_CELLS)


def keys(frame: pd.DataFrame, before: pd.DataFrame, source: Source) -> pd.DataFrame:
    """(1 × [keys_lost]): the share of rows that went, of periods and codes that both hold."""
    both = before[source.key]
    for name in source.key:
        if name not in _place(source):
            both = both[both[name].isin(frame[name].unique())]
    kept = len(both.merge(frame[source.key], on=source.key).drop_duplicates())
    return pd.DataFrame({"keys_lost": [1 - kept / max(len(both), 1)]})


@dataclass(frozen=True)
class Judged:
    """A frame, its rules, and the columns that name its rows."""

    frame: pd.DataFrame
    rules: list[Rule]
    index: list[str]


def revisions(frame: pd.DataFrame, before: pd.DataFrame, source: Source) -> list[Judged]:
    """What gate 1 judges of a release that has keys in common with the one in force."""
    whole = [keys(frame, before, source)]
    whole_rules = [at_most("keys_lost", "revision", "keys_lost", KEYS_LOST, KEYS_LOST_WHY)]
    single, shares = [], []
    for measure in source.measures:
        prefix = f"{measure.name}_"
        found = cells(frame, before, source, measure.name)
        single.append(found.drop(columns=source.key).add_prefix(prefix))
        shares.append(groups(found, source).set_index("group").add_prefix(prefix))
        whole.append(news(frame, before, source, measure.name).add_prefix(prefix))
        whole_rules += _rules(measure, NEWS)
    keyed = before[source.key].merge(frame[source.key], on=source.key)
    all_cells = pd.concat([keyed, *single], axis=1)
    cell_rules = [rule for measure in source.measures for rule in _rules(measure, SINGLE)]
    group_rules = [rule for measure in source.measures for rule in _rules(measure, SHARES)]
    all_groups = pd.concat(shares, axis=1).reset_index()
    return [
        Judged(pd.concat(whole, axis=1), whole_rules, []),
        Judged(all_cells, cell_rules, source.key),
        Judged(all_groups, group_rules, ["group"]),
    ]


def _rules(measure: Column, limits: Mapping[str, tuple[float, str]]) -> list[Rule]:
    named = {f"{measure.name}_{name}": limit for name, limit in limits.items()}
    return [at_most(name, "revision", name, most, why) for name, (most, why) in named.items()]
