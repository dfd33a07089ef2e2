"""A provider's rows in force, with where they came from, before any model uses them."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from orchestration.cli import main
from tests.ingestion.reading import snapshot_frame
from tests.warehouse.publishing import laid_out
from tests.warehouse.test_accepted import SOURCE, release
from warehouse import accepted, landing
from warehouse.accepted import Release
from warehouse.explain import NothingToExplainError, origin
from warehouse.explain_source import rows_in_force
from warehouse.landing import Landed
from warehouse.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = laid_out(tmp_path)
    made = release()
    request = {"table": "LABY25"}
    known = (made.recorded_at, None, "snapshot", "CC BY 4.0", 1)
    landed = Landed(SOURCE, made.release_id, "csv", "https://example.org", request, *known)
    landing.land(layout, landed, b"x")
    accepted.accept(layout, made, snapshot_frame(SOURCE))
    return layout


def test_rows_of_a_municipality_and_a_year(layout: Layout) -> None:
    found = rows_in_force(layout, SOURCE, "year", "0147", 2023)
    places = {(row["municipality_code"], row["year"]) for row in found["rows"]}
    assert places == {("0147", 2023)}
    assert found["url"] == "https://example.org"
    assert rows_in_force(layout, SOURCE, "year", "0147", None)["rows"] == found["rows"]


def test_what_is_not_there_is_said(layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(NothingToExplainError, match="no row of municipality 0147 in 1800"):
        rows_in_force(layout, SOURCE, "year", "0147", 1800)
    with pytest.raises(NothingToExplainError, match="nothing has been accepted yet"):
        rows_in_force(laid_out(tmp_path / "other"), SOURCE, "year", "0147", None)


def test_the_command_tells_rows_and_origin(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(layout.home))
    asked = ["explain", "--source", SOURCE, "--municipality", "147", "--year", "2023"]
    shown = CliRunner().invoke(main, asked)
    assert shown.exit_code == 0, shown.output
    assert "Danmarks Statistik, LABY25" in shown.output
    assert "CC BY 4.0" in shown.output
    told = json.loads(CliRunner().invoke(main, [*asked, "--json"]).output)
    assert told["rows"][0]["municipality_code"] == "0147"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            ["--indicator", "ghg_danish_account"],
            "Give --municipality, --indicator and --year, or --source",
        ),
        (["--source", "statbank_bil"], "No source 'statbank_bil'"),
    ],
)
def test_what_was_left_out_is_named(asked: list[str], told: str) -> None:
    answer = CliRunner().invoke(main, ["explain", "--municipality", "0147", *asked])
    assert answer.exit_code != 0
    assert told in answer.output


def test_a_table_of_the_country_is_asked_for_without_a_municipality(layout: Layout) -> None:
    at = "2026-11-24T01:30:00+00:00"
    frame = pd.DataFrame(
        {"year": [2023, 2024], "price_area": ["DK1", "DK2"], "row_key": ["a", "b"]}
    )
    landed = Landed("grid", "a" * 64, "json", "u", {}, at, None, "live", "CC BY 4.0", 1)
    landing.land(layout, landed, b"x")
    accepted.accept(
        layout, Release("grid", "a" * 64, at, "d", None, True, "2024", 2, 2, 0, "live"), frame
    )
    found = rows_in_force(layout, "grid", "year", None, 2024)
    assert [row["price_area"] for row in found["rows"]] == ["DK2"]
    assert found["transport"] == "live"
    left = replace(landed, url="inbox/grid/a.csv", transport="snapshot")
    assert origin(left)["transport"] == "inbox"
    with pytest.raises(NothingToExplainError, match="no row of the country in 2020"):
        rows_in_force(layout, "grid", "year", None, 2020)
