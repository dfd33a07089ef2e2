"""The command line as scripts and people use it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ingestion.declaration import load_sources
from tests.orchestration.conftest import AS_OF, file_bytes

COMMAND = [sys.executable, "-m", "orchestration.cli"]


def klimamonitor(home: Path, *words: str, flags: tuple[str, ...] = ()) -> Any:
    environment = {**os.environ, "KLIMAMONITOR_HOME": str(home), "KLIMAMONITOR_AS_OF": AS_OF}
    command = [sys.executable, *flags, "-m", "orchestration.cli", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_night_without_news_is_quick_changes_nothing_and_imports_nothing_heavy(
    home: Path,
) -> None:
    before = file_bytes(home / "publications")
    started = time.monotonic()
    done = klimamonitor(home, "refresh", "--json", flags=("-X", "importtime"))
    seconds = time.monotonic() - started
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout)["result"] == "unchanged"
    modules = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    unwanted = {"dbt", "great_expectations", "dagster", "pandas", "duckdb", "pyarrow"}
    heavy = modules & {*unwanted, "adbc_driver_postgresql", "adbc_driver_manager"}
    assert heavy == set()
    assert "ingestion" in modules
    assert seconds < 5, "generous: the machine may be busy; the target is 1.5"
    assert file_bytes(home / "publications") == before


def test_that_it_looked_is_recorded(home: Path) -> None:
    looks = home / "outcomes" / "statbank_bil54.jsonl"
    before = len(looks.read_text().splitlines())
    klimamonitor(home, "refresh")
    assert len(looks.read_text().splitlines()) == before + 1
    last_run = json.loads((home / "outcomes" / "runs.jsonl").read_text().splitlines()[-1])
    assert last_run["result"] == "unchanged"


def test_status_names_publication_and_every_source(home: Path) -> None:
    report = json.loads(klimamonitor(home, "status", "--json").stdout)
    assert report["publication"]["tables"]["dim_municipality"] == 98
    assert len(report["sources"]) == len(load_sources()) + 1, "and the reports"
    assert all(source["reason"] for source in report["sources"])
    text = klimamonitor(home, "status").stdout
    assert report["publication"]["version"] in text


def test_sources_prints_a_whole_chain_for_each(home: Path) -> None:
    chains = json.loads(klimamonitor(home, "sources", "--json").stdout)
    assert [chain["missing"] for chain in chains] == [[]] * len(load_sources())
    assert {chain["asset"] for chain in chains} >= {"statbank/bil54", "klimaregnskabet/key_figures"}


def test_explain_follows_a_share_to_the_rows_of_the_provider(home: Path) -> None:
    words = ("--municipality", "0147", "--indicator", "car_zero_emission_share", "--year", "2026")
    found = json.loads(klimamonitor(home, "explain", *words, "--json").stdout)
    by_role = {(part["role"], part["row"]["fuel"]): part for part in found["inputs"]}
    assert by_role["numerator", "20225"]["row"]["vehicles"] == 5872
    assert by_role["denominator", "20200"]["row"]["vehicles"] == 29139
    part = by_role["numerator", "20225"]
    assert part["table"] == "BIL54"
    assert (home / part["landed_file"]).exists()
    assert found["number"]["value"] == pytest.approx(100 * 5872 / 29139)
    assert "Danmarks Statistik" in klimamonitor(home, "explain", *words).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--municipality", "0411", "--indicator", "population", "--year", "2026"),
         "0411 is no municipality"),
        (("--municipality", "0101", "--indicator", "happiness", "--year", "2026"), "no row"),
        (
            ("--municipality", "0101", "--indicator", "population", "--year", "2026",
             "--publication", "20000101T000000Z-00000000"),
            "no publication",
        ),
    ],
)  # fmt: skip
def test_explain_says_what_it_does_not_know(home: Path, words: tuple[str, ...], told: str) -> None:
    done = klimamonitor(home, "explain", *words)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_rollback_points_back_and_unknown_versions_are_refused(home: Path) -> None:
    (version,) = json.loads(klimamonitor(home, "publications", "--json").stdout)
    assert klimamonitor(home, "rollback", version["version"]).returncode == 0
    refused = klimamonitor(home, "rollback", "20000101T000000Z-00000000")
    assert refused.returncode == 1
    assert version["version"] in refused.stderr


def test_a_second_run_is_refused_at_once(home: Path) -> None:
    from warehouse.run_lock import run_lock

    with run_lock(home / "run.lock", "the first"):
        started = time.monotonic()
        done = klimamonitor(home, "refresh")
        assert time.monotonic() - started < 5
    assert done.returncode == 1
    assert "the first" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("KLIMAMONITOR_TRANSPORT", "carrier pigeon"), ("KLIMAMONITOR_AS_OF", "2026-11-24")],
)
def test_a_setting_that_cannot_be_understood_is_named(home: Path, name: str, value: str) -> None:
    environment = {**os.environ, "KLIMAMONITOR_HOME": str(home), name: value}
    done = subprocess.run(
        [*COMMAND, "status"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_state_root_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("a file where the state root should be")
    done = klimamonitor(in_the_way, "refresh")
    assert done.returncode == 1
    assert str(in_the_way) in done.stderr
    assert "Traceback" not in done.stderr
