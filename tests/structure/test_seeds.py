"""Registers are read by declared types alone: every column has one."""

import csv
from pathlib import Path

import pytest
import yaml

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.csv")), ids=lambda path: path.stem)
def test_every_column_of_a_register_has_a_declared_type(path: Path) -> None:
    (declared,) = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["seeds"]
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert list(declared["config"]["column_types"]) == header
    assert [column["name"] for column in declared["columns"]] == header


def test_registers_and_tables_name_causes_and_columns_that_there_are() -> None:
    """A misspelt cause would be told as the method; a misspelt column would fail at night."""
    with (SEEDS / "change_causes.csv").open(encoding="utf-8", newline="") as file:
        causes = {row["cause_code"] for row in csv.DictReader(file)}
    named = set()
    for path in sorted(SEEDS.glob("*.yml")):
        (declared,) = yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]
        meta = declared["config"].get("meta", {})
        by = meta.get("cause_by", {"column": None, "values": {}})
        named |= {meta["cause"]} if "cause" in meta else set()
        named |= set(by["values"].values())
        assert by["column"] in {None, *declared["config"]["column_types"]}, path.stem
    assert {"membership_geography", "factor", "correction", "method"} <= named <= causes


@pytest.mark.parametrize(
    "path", sorted((SEEDS.parent / "models" / "publication").glob("*.yml")), ids=lambda p: p.stem
)
def test_a_compared_table_has_the_columns_it_is_compared_by(path: Path) -> None:
    (declared,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    compared = declared["config"]["meta"].get("compared")
    columns = {column["name"] for column in declared["columns"]}
    if compared:
        assert {*compared["by"], compared["value"], *compared["told"]} <= columns
