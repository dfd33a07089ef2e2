"""Values between two publications: ten thousand random histories against a naive reading."""

import random
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from warehouse.changes import Compared, State, TableChange, table_changes, value_changes

ORDER = ("correction", "method", "factor", "provider_restatement", "resubmission")
COMPARED = [Compared("fct_value", ("municipality_code", "year"), "value", ("notation_key",))]
Figure = tuple[float | None, str | None]


@dataclass(frozen=True)
class World:
    """What one value follows from; None where there is nothing."""

    correction: float | None = None
    method: str = "as given"
    factor: float = 1.0
    provider_restatement: float | None = 100.0
    resubmission: float | str | None = None

    def figure(self) -> Figure | None:
        """The value: a correction, else the report, else the provider; scaled by the method."""
        told = self.resubmission if self.resubmission is not None else self.provider_restatement
        if self.correction is not None and self.resubmission is None:
            told = self.correction
        if told is None:
            return None
        if isinstance(told, str):
            return None, told
        return told * (self.factor if self.method == "as given" else 2 * self.factor), None


def event(chance: random.Random, world: World) -> World:
    """One thing that happens: a report, a resubmission, a withdrawal, a restatement, …"""
    kind = chance.choice(
        ("report", "withdrawal", "restatement", "retired", "correction", "method", "factor")
    )
    if kind == "report":
        return replace(
            world, resubmission=chance.choice([chance.uniform(-1e6, 1e6), 0.0, "NE", "NO"])
        )
    if kind == "withdrawal":
        return replace(world, resubmission=None)
    if kind == "restatement":
        return replace(world, provider_restatement=chance.uniform(0, 1e6))
    if kind == "retired":
        return replace(world, provider_restatement=None)
    if kind == "correction":
        return replace(world, correction=chance.choice([None, chance.uniform(0, 1e6)]))
    if kind == "method":
        return replace(world, method=chance.choice(["as given", "doubled"]))
    return replace(world, factor=chance.choice([1.0, 28.0, 27.9]))


def lives(count: int, seed: int) -> list[tuple[World, World]]:
    """What each value followed from at the first and at the second publication."""
    chance = random.Random(seed)
    pairs = []
    for _ in range(count):
        before = after = World()
        for _ in range(chance.randrange(4)):
            before = after = event(chance, before)
        for _ in range(chance.randrange(6)):
            after = event(chance, after)
        pairs.append((before, after))
    return pairs


def mixed(before: World, after: World, exchanged: tuple[str, ...]) -> World:
    """The world in which some causes are the later one's."""
    return replace(before, **{cause: getattr(after, cause) for cause in exchanged})


def written(path: Path, figures: list[Figure | None]) -> Path:
    """One state's table; value number n is municipality n."""
    rows = [
        {"municipality_code": f"{n:05}", "year": 2024, "value": f[0], "notation_key": f[1]}
        for n, f in enumerate(figures)
        if f is not None
    ]
    kinds = {"municipality_code": pa.string(), "year": pa.int32()}
    schema = pa.schema([*kinds.items(), ("value", pa.float64()), ("notation_key", pa.string())])
    table = pa.Table.from_pylist(rows, schema=schema)
    with duckdb.connect(str(path)) as connection:
        connection.register("rows", table)
        connection.execute("create table fct_value as select * from rows")
    return path


@pytest.mark.parametrize("seed", [20261128, 7])
def test_the_parts_of_ten_thousand_lives_run_from_the_first_figure_to_the_last(
    tmp_path: Path, seed: int
) -> None:
    pairs = lives(5_000, seed)
    states = []
    for number in range(len(ORDER) + 1):
        figures = [mixed(b, a, ORDER[:number]).figure() for b, a in pairs]
        cause = ORDER[number - 1] if number else ""
        states.append(State(written(tmp_path / f"{number}.duckdb", figures), cause))
    rows = value_changes(states, COMPARED, "earlier").to_pylist()
    parts: dict[int, list[dict[str, object]]] = {}
    for row in rows:
        parts.setdefault(int(row["municipality_code"]), []).append(row)
    for number, (before, after) in enumerate(pairs):
        steps = [mixed(before, after, ORDER[:n]).figure() for n in range(len(ORDER) + 1)]
        expected = [
            (ORDER[n], old and old[0], new and new[0])
            for n, (old, new) in enumerate(pairwise(steps))
            if old != new
        ]
        found = parts.get(number, [])
        assert [(p["cause_code"], p["value_before"], p["value_after"]) for p in found] == expected
        if found:
            first, last = steps[0], steps[-1]
            assert {p["published_before"] for p in found} == {first[0] if first else None}
            assert {p["published_after"] for p in found} == {last[0] if last else None}
    assert {row["cause_code"] for row in rows} == set(ORDER)
    assert {row["change_kind"] for row in rows} == {"added", "removed", "changed"}


def test_a_table_that_one_publication_lacks_counts_as_empty(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "old.duckdb")):
        pass
    new = written(tmp_path / "new.duckdb", [(1.0, None), (None, "NE")])
    states = [State(tmp_path / "old.duckdb"), State(new, "code")]
    rows = value_changes(states, COMPARED, "earlier").to_pylist()
    assert [(r["change_kind"], r["value_after"], r["state_after"]) for r in rows] == [
        ("added", 1.0, None),
        ("added", None, "notation_key=NE"),
    ]
    back = [State(new), State(tmp_path / "old.duckdb", "code")]
    assert {r["change_kind"] for r in value_changes(back, COMPARED, "x").to_pylist()} == {"removed"}


def test_a_municipality_is_referred_to_its_own_submission_and_others_to_all(
    tmp_path: Path,
) -> None:
    older = written(tmp_path / "a", [(1.0, None)] * 3)
    newer = written(tmp_path / "b", [(2.0, None)] * 3)
    own = {"00001": "its own", "00002": "another's"}
    states = [State(older), State(newer, "resubmission", reference="both", own_references=own)]
    rows = value_changes(states, COMPARED, "before").to_pylist()
    assert [row["reference"] for row in rows] == ["both", "its own", "another's"]


@pytest.mark.parametrize("column", ["value", "year"])
def test_a_table_without_its_key_or_value_yet_counts_as_empty(tmp_path: Path, column: str) -> None:
    older, newer = written(tmp_path / "a", [(1.0, None)]), written(tmp_path / "b", [(2.0, None)])
    with duckdb.connect(str(older)) as connection:
        connection.execute(f"alter table fct_value drop {column}")
    found = value_changes([State(older), State(newer, "code")], COMPARED, "before").to_pylist()
    assert [(row["change_kind"], row["value_after"]) for row in found] == [("added", 2.0)]


def test_rows_of_a_table_are_counted_by_its_key_and_columns_by_name(tmp_path: Path) -> None:
    old = written(tmp_path / "old.duckdb", [(1.0, None), (2.0, None), None, (4.0, "C")])
    new = written(tmp_path / "new.duckdb", [(1.0, None), (3.0, "NO"), (5.0, None), None])
    (found,) = table_changes(old, new, {"fct_value": ["municipality_code", "year"]})
    assert found == TableChange("fct_value", 3, 3, 1, 1, 1, {"value": 1, "notation_key": 1})
