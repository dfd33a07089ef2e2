"""Mixing the inputs of two publications: every piece comes from the side that its cause says."""

from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from warehouse.causes import Belonging, Exchange, Register, Side, read_register
from warehouse.inputs import Inputs, RawTable, control_of
from warehouse.submission_cells import CELLS

ORDER = (
    "membership_geography",
    "correction",
    "method",
    "factor",
    "code",
    "provider_restatement",
    "resubmission",
    "calendar",
)
BELONGINGS = {
    "memberships": Belonging("membership_geography"),
    "corrections": Belonging("correction"),
    "parameters": Belonging("method", "parameter", {"gwp_set": "factor"}),
}
REGISTERS = {
    "memberships": (("code", "from"), ("0101", "2021-06-04")),
    "corrections": (("id",), ("old",)),
    "parameters": (("parameter", "value"), ("gwp_set", "AR5"), ("peers", "5")),
    "names": (("code", "name"), ("0101", "København")),
}


def side(
    folder: Path,
    registers: dict[str, Any] | None = None,
    releases: dict[str, str] | None = None,
    reports: dict[str, str] | None = None,
    code: str = "1",
    day: str = "2026-11-20",
    words: dict[str, str] | None = None,
) -> Side:
    """A publication's inputs; ``reports``: submission → form."""
    (folder / "seeds").mkdir(parents=True)
    for name, (columns, *rows) in {**REGISTERS, **(registers or {})}.items():
        Register(columns, tuple(rows)).write(folder / "seeds" / f"{name}.csv")
    tables = {
        name: RawTable(name, [("value", "double")], [Path(f"/{release}")], release, "2026-11-01")
        for name, release in (releases or {"cars": "a", "waste": "b"}).items()
    }
    cells = {}
    for name in reports or {}:
        cells[name] = folder / f"{name}.parquet"
        pq.write_table(CELLS.empty_table(), cells[name])
    states = words or dict.fromkeys(tables, "fresh")
    control = control_of(
        {
            "run": [{"run_id": day, "as_of": datetime.fromisoformat(day)}],
            "source_state": [{"source_id": n, "state": word} for n, word in states.items()],
            "submission": [
                {"submission_id": name, "form_id": form, "status": "accepted", "is_in_force": True}
                for name, form in (reports or {}).items()
            ],
        }
    )
    return Side(Inputs(tables, control, cells, [], code), folder, code)


def exchanged(tmp_path: Path, **after: Any) -> Exchange:
    before = side(tmp_path / "before", reports={"r1": "report"})
    later = {"reports": {"r1": "report"}, **after}
    return Exchange(before, side(tmp_path / "after", **later), ORDER, BELONGINGS)


def test_equal_inputs_have_no_cause(tmp_path: Path) -> None:
    assert exchanged(tmp_path).differing == ()
    assert exchanged(tmp_path / "later", day="2026-11-25").differing == ()


@pytest.mark.parametrize(
    ("after", "cause"),
    [
        ({"registers": {"memberships": (("code", "from"), ("0147", "2021-06-04"))}}, ORDER[0]),
        ({"registers": {"corrections": (("id",), ("old",), ("new",))}}, "correction"),
        ({"registers": {"names": (("code", "name"), ("0101", "Kbh"))}}, "method"),
        ({"code": "2"}, "code"),
        ({"registers": {"names": (("code", "name_da"), ("0101", "København"))}}, "code"),
        ({"releases": {"cars": "c", "waste": "b"}}, "provider_restatement"),
        ({"releases": {"cars": "a", "waste": "b", "new": "d"}}, "code"),
        ({"reports": {"r1": "report", "r2": "report"}}, "resubmission"),
        ({"reports": {}}, "resubmission"),
        ({"reports": {"r1": "report", "m": "registers"}}, "membership_geography"),
        ({"day": "2027-01-01"}, "calendar"),
        ({"words": {"cars": "stale", "waste": "fresh"}}, "calendar"),
    ],
)
def test_one_change_has_one_cause(tmp_path: Path, after: dict[str, Any], cause: str) -> None:
    assert exchanged(tmp_path, **after).differing == (cause,)


def test_a_day_that_a_register_names_is_the_calendars_when_it_passes(tmp_path: Path) -> None:
    registers = {"memberships": (("code", "from"), ("0101", "2026-11-22"))}
    before = side(tmp_path / "before", registers=registers)
    after = side(tmp_path / "after", registers=registers, day="2026-11-23")
    assert Exchange(before, after, ORDER, BELONGINGS).differing == ("calendar",)


def test_the_word_for_a_source_goes_with_its_figures(tmp_path: Path) -> None:
    exchange = exchanged(
        tmp_path,
        releases={"cars": "c", "waste": "b"},
        words={"cars": "late", "waste": "fresh"},
    )
    assert exchange.differing == ("provider_restatement",)
    states = exchange.mixture({"provider_restatement"}).inputs.control["source_state"]
    assert {r["source_id"]: r["state"] for r in states.to_pylist()} == {
        "cars": "late",
        "waste": "fresh",
    }


def everything(tmp_path: Path) -> Exchange:
    """Something of every cause differs."""
    return exchanged(
        tmp_path,
        registers={
            "memberships": (("code", "from"), ("0147", "2021-06-04")),
            "corrections": (("id",), ("new",)),
            "parameters": (("parameter", "value"), ("gwp_set", "AR6"), ("peers", "7")),
        },
        releases={"cars": "c", "waste": "b"},
        reports={"r2": "report", "m": "registers"},
        code="2",
        day="2027-01-01",
    )


def sides_of(exchange: Exchange, causes: set[str]) -> dict[str, str]:
    """From which side the mixture takes each piece."""
    mixture = exchange.mixture(causes)
    parameters = dict(mixture.registers["parameters"].rows)
    control = mixture.inputs.control
    submissions = {row["submission_id"] for row in control["submission"].to_pylist()}
    assert submissions == set(mixture.inputs.cells)
    of_before = {
        "membership_geography": mixture.registers["memberships"].rows[0][0] == "0101",
        "correction": mixture.registers["corrections"].rows == (("old",),),
        "method": parameters["peers"] == "5",
        "factor": parameters["gwp_set"] == "AR5",
        "code": mixture.code is exchange.before,
        "provider_restatement": mixture.inputs.tables["cars"].release_id == "a",
        "resubmission": "r1" in submissions,
        "calendar": control["run"]["run_id"][0].as_py() == "2026-11-20",
    }
    assert ("m" in submissions) != of_before["membership_geography"]
    assert ("r2" in submissions) != of_before["resubmission"]
    return {cause: "before" if is_before else "after" for cause, is_before in of_before.items()}


def test_every_mixture_takes_each_piece_from_the_side_of_its_cause(tmp_path: Path) -> None:
    exchange = everything(tmp_path)
    assert exchange.differing == ORDER
    mixtures = [set(some) for n in range(len(ORDER) + 1) for some in combinations(ORDER, n)]
    assert len(mixtures) == 256
    for causes in mixtures:
        assert sides_of(exchange, causes) == {
            cause: "after" if cause in causes else "before" for cause in ORDER
        }


def test_a_register_is_written_as_it_was_read(tmp_path: Path) -> None:
    text = 'code,name\n0101,"København, hovedstad"\n0147,\n'
    (tmp_path / "names.csv").write_text(text, encoding="utf-8")
    read_register(tmp_path / "names.csv").write(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_text(encoding="utf-8") == text
