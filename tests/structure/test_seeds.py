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
