"""The contract with BI: what readers' queries name does not change unseen."""

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "scripts"))
from published_schema import Schema, faults, numbers, released_before, spelt  # noqa: E402

OLD: Schema = {
    "dim_year": {"columns": {"year": "integer"}, "key": ["year"], "references": []},
    "fct_value": {
        "columns": {"code": "varchar", "year": "integer", "value": "double"},
        "key": ["code", "year"],
        "references": ["(year) -> dim_year (year)"],
    },
}
LOG = "# Changelog\n\n## Schema {0}\n\n{1}\n\n## Schema 1.4.0\n\n[BREAKING] long ago.\n"


def test_the_file_is_what_the_models_promise() -> None:
    made = subprocess.run(
        [sys.executable, "scripts/published_schema.py", "--check"],
        cwd=PROJECT,
        env={"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr


def changed(change: Callable[[Schema], object]) -> Schema:
    new = copy.deepcopy(OLD)
    change(new)
    return new


def renamed(schema: Schema) -> None:
    schema["fct_value"]["columns"]["amount"] = schema["fct_value"]["columns"].pop("value")


BREAKING = {
    "column dropped": lambda s: s["fct_value"]["columns"].pop("value"),
    "column renamed": renamed,
    "column retyped": lambda s: s["fct_value"]["columns"].update(value="varchar"),
    "table dropped": lambda s: s.pop("fct_value"),
    "key changed": lambda s: s["fct_value"].update(key=["code"]),
    "reference dropped": lambda s: s["fct_value"].update(references=[]),
}
ADDITIVE = {
    "column added": lambda s: s["fct_value"]["columns"].update(note="varchar"),
    "table added": lambda s: s.update(dim_new=OLD["dim_year"]),
    "reference added": lambda s: s["dim_year"]["references"].append("(year) -> dim_new (year)"),
    "new model version beside the old": lambda s: s.update(
        fct_value_v2={**OLD["fct_value"], "columns": {"code": "varchar", "amount": "varchar"}}
    ),
}


def judged(new: Schema, version: str, entry: str = "What changed.") -> list[str]:
    return faults(("1.4.0", OLD), version, new, LOG.format(version, entry))


@pytest.mark.parametrize("change", BREAKING.values(), ids=BREAKING)
@pytest.mark.parametrize("version", ["1.4.1", "1.5.0"])
def test_a_breaking_change_needs_a_new_first_number_and_a_mark(
    change: Callable[[Schema], object], version: str
) -> None:
    new = changed(change)
    assert any("breaking" in told for told in judged(new, version, "[BREAKING] value."))
    assert judged(new, "2.0.0") == ["the changelog's entry for 2.0.0 is not marked [BREAKING]"]
    assert judged(new, "2.0.0", "[BREAKING] value.") == []


@pytest.mark.parametrize("change", ADDITIVE.values(), ids=ADDITIVE)
def test_an_addition_needs_a_new_second_number(change: Callable[[Schema], object]) -> None:
    new = changed(change)
    assert any("an addition" in told for told in judged(new, "1.4.1"))
    assert judged(new, "1.5.0") == []


def test_every_change_needs_an_entry_and_none_needs_none() -> None:
    new = changed(ADDITIVE["column added"])
    assert faults(("1.4.0", OLD), "1.5.0", new, "## Schema 1.5.00\n") == [
        "CHANGELOG.md has no entry for schema 1.5.0"
    ]
    assert judged(OLD, "1.4.1") == []


def test_the_release_before_is_found_by_number(tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0", "2.0.0"):
        (tmp_path / f"{version}.json").write_text(spelt(OLD), encoding="utf-8")
    assert released_before(tmp_path, "1.11.0") == ("1.10.0", OLD)
    assert released_before(tmp_path, "1.9.0") is None
    assert numbers("1.10.0") > numbers("1.9.9")
