"""Two publications with seven kinds of change between them: every change has its cause."""

from typing import Any

import duckdb
import pytest

from orchestration.cli_changes import show_difference
from tests.orchestration.changing import Copy, copied
from tests.orchestration.handing import bundle
from warehouse.publications import SCHEMA_VERSION

FIRST, SECOND = "2026-11-20T02:30:00+01:00", "2026-11-21T02:30:00+01:00"
THIRD = "2026-11-22T02:30:00+01:00"
Value = dict[str, Any]
REPORTING = ("0153", "0157")
# The project is parsed twice, published twice, and built once for each cause.
pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Published twice, with everything changed between."""
    copy = copied(tmp_path_factory.mktemp("diff") / "project")
    (copy.home / "inbox").mkdir(parents=True)
    assert copy.answer("refresh", as_of=FIRST)["result"] == "published"
    change_everything(copy)
    assert copy.answer("refresh", "--force", as_of=SECOND)["result"] == "published"
    return copy


def change_everything(copy: Copy) -> None:
    """One change of each kind; the figures are invented."""
    copy.register("memberships", leaves_the_alliance)
    copy.enter(
        "corrections",
        correction_id="example",
        source_id="statbank_are207",
        dataset="statbank_are207",
        provider_code="area_km2",
        municipality_code="0101",
        year="2024",
        expected_value="90.9",
        corrected_value="91.0",
        unit="km2",
        reason_da="Opdigtet eksempel",
        reported_by="Eksempel",
        reported_on="2026-11-19",
        status="open",
        evidence="none",
        recorded_on="2026-11-19",
    )
    copy.register("indicators", counts_cars_otherwise)
    copy.register("method_parameters", takes_ar6)
    copy.edit(
        "dbt_project/models/staging/statbank/stg_statbank__household_waste.sql",
        "        value,\n",
        "        cast(value * 1.01 as double) as value,\n",
    )
    copy.restate(
        "statbank/BIL707/data.csv", "101;4000101002;2024;170857", "101;4000101002;2024;171857"
    )
    for municipality in REPORTING:
        report = bundle(municipality, 2025)
        (copy.home / "inbox" / report.file_name).write_bytes(report.content)


def leaves_the_alliance(row: dict[str, str]) -> None:
    if row["municipality_code"] == "0147":
        row["valid_to_date"] = "2022-12-31"


def counts_cars_otherwise(row: dict[str, str]) -> None:
    if row["indicator_id"] == "passenger_cars_per_1000_inhabitants":
        row["scale"] = "950"


def takes_ar6(row: dict[str, str]) -> None:
    if row["parameter"] == "gwp_set":
        row["value"] = "AR6"


@pytest.fixture(scope="module")
def found(twice: Copy) -> dict[str, Any]:
    """What ``klimamonitor diff`` answers."""
    versions = [row["version"] for row in twice.answer("publications", as_of=SECOND)]
    answer: dict[str, Any] = twice.answer("diff", *versions, as_of=SECOND)
    return answer


def parts(found: dict[str, Any], **wanted: Any) -> list[Value]:
    return [v for v in found["values"] if all(v[name] == value for name, value in wanted.items())]


def test_each_change_has_the_cause_that_made_it_and_no_other(found: dict[str, Any]) -> None:
    made = {
        (value["cause_code"], value["table_name"], value["indicator_id"])
        for value in found["values"]
        if value["table_name"] == "fct_indicator"
    }
    by_cause = {cause: {i for c, _t, i in made if c == cause} for cause, _t, _i in made}
    assert by_cause == {
        "correction": {"area_km2"},
        "method": {"passenger_cars_per_1000_inhabitants"},
        "code": {"household_waste_kg_per_capita", "household_waste_recycled_share"},
        "provider_restatement": {"passenger_cars", "passenger_cars_per_1000_inhabitants"},
        "resubmission": {i for c, _t, i in made if c == "resubmission"},
    }
    moved = {v["municipality_code"] for v in parts(found, cause_code="resubmission")}
    assert {*REPORTING} <= moved <= {*REPORTING, None}
    assert "bus_zero_emission_share" in by_cause["resubmission"]


def test_a_resubmission_is_the_municipality_s_own_and_an_alliance_figure_names_them_all(
    found: dict[str, Any],
) -> None:
    named = {
        (value["municipality_code"], code)
        for value in parts(found, cause_code="resubmission")
        for code in REPORTING
        if f"indberetning {code} 2025" in value["reference"]
    }
    own = {(code, code) for code in REPORTING}
    assert named == own | {(None, code) for code in REPORTING}


def test_a_member_that_left_moves_the_panel_on_a_date_alone(found: dict[str, Any]) -> None:
    moved = parts(found, cause_code="membership_geography")
    assert {value["table_name"] for value in moved} == {"fct_panel_indicator"}
    first = {value["panel_id"]: value["year"] for value in sorted(moved, key=lambda v: -v["year"])}
    assert first == {"alliance_members_on_date": 2023, "alliance_members_constant": 2007}


def test_another_gwp_set_moves_the_sources_whose_gases_are_known(found: dict[str, Any]) -> None:
    moved = parts(found, cause_code="factor", table_name="fct_emission_source")
    assert {value["municipality_code"] for value in moved} == {"0751"}
    assert all(value["unit"] == "t CO2e" for value in moved)
    for value in moved:
        key = dict(part.split("=") for part in value["row_key"].split(";"))
        assert f"Aarhus, {key['boundary']} {key['gpc_reference']} " in value["text_da"]


def test_a_value_that_two_causes_moved_is_split_between_them(found: dict[str, Any]) -> None:
    both = parts(
        found,
        table_name="fct_indicator",
        municipality_code="0101",
        indicator_id="passenger_cars_per_1000_inhabitants",
        year=2024,
    )
    assert [part["cause_code"] for part in both] == ["method", "provider_restatement"]
    method, restated = both
    assert method["value_before"] == method["published_before"]
    assert (
        method["value_after"]
        == restated["value_before"]
        == pytest.approx(method["value_before"] * 0.95)
    )
    assert (
        restated["value_after"]
        == restated["published_after"]
        == pytest.approx(restated["value_before"] * 171857 / 170857)
    )
    assert "OMRÅDE=101" in restated["source_ref_after"]


def test_nothing_is_left_over(found: dict[str, Any], twice: Copy) -> None:
    assert found["remainder"] == {"values": found["remainder"]["values"], "unexplained": 0}
    assert found["remainder"]["values"] > 2000
    with duckdb.connect(str(twice.home / "current/monitoring.duckdb"), read_only=True) as file:
        published = file.execute(
            "select table_name, row_key, step_number, cause_code, value_after, text_da "
            "from fct_publication_change order by all"
        ).fetchall()
    columns = ("table_name", "row_key", "step_number", "cause_code", "value_after", "text_da")
    assert published == sorted(tuple(v[name] for name in columns) for v in found["values"])


def test_the_inputs_that_differ_are_told_with_the_rows_of_registers(found: dict[str, Any]) -> None:
    told = {(piece["cause_code"], piece["piece"].split()[0]) for piece in found["inputs"]}
    assert told == {
        ("membership_geography", "register"),
        ("correction", "register"),
        ("method", "register"),
        ("factor", "register"),
        ("code", "code"),
        ("provider_restatement", "source"),
        ("resubmission", "submission"),
    }
    rows = {piece["cause_code"]: piece.get("rows") for piece in found["inputs"]}
    assert rows["factor"] == [{"row": "gwp_set", "cells": {"value": ["AR5", "AR6"]}}]
    assert rows["membership_geography"] == [
        {"row": "0147", "cells": {"valid_to_date": ["", "2022-12-31"]}}
    ]
    assert rows["correction"][0]["cells"]["corrected_value"] == ["", "91.0"]


def test_the_secretariat_reads_it_in_danish(twice: Copy, found: dict[str, Any]) -> None:
    done = twice.command("diff", found["from"]["version"], found["to"]["version"], as_of=SECOND)
    assert done.returncode == 0, done.stderr
    for told in (
        "Inddata der er ændret",
        "Rettelse: registret corrections",
        "Areal: 1 kommune, 2024",
        "København, Areal 2024: 90,9 → 91,0 km² (+0,1)",
        "0147: valid_to_date – → 2022-12-31",
        "Ny opgørelse fra kilden: kilden statbank_bil707",
        "Indberetning: indberetning 0153 2025",
        "rest 0.",
        "Rækker i de udgivne tabeller",
    ):
        assert told in done.stdout, told
    cars = parts(found, indicator_id="passenger_cars_per_1000_inhabitants")
    assert cars
    assert all("køretøjer pr. 1.000 indbyggere (" in value["text_da"] for value in cars)


def test_another_version_of_the_tables_is_said(
    found: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = {**found["from"], "schema_version": "1.0.0"}
    show_difference({**found, "from": earlier}, is_whole=False)
    assert f"i version {SCHEMA_VERSION}, før 1.0.0" in capsys.readouterr().out


def test_both_publications_can_be_made_again(twice: Copy, found: dict[str, Any]) -> None:
    for version in (found["from"]["version"], found["to"]["version"]):
        proof = twice.answer("verify", version, as_of=SECOND)
        assert proof["is_proven"], [f for f in proof["findings"] if f["result"] == "differs"]
        tables = [f for f in proof["findings"] if f["subject"].startswith("table ")]
        assert {finding["result"] for finding in tables} == {"equal"}


def test_a_changed_input_is_named_and_nothing_is_proven(twice: Copy) -> None:
    release = next((twice.home / "accepted/statbank_are207").glob("*.parquet"))
    kept = release.read_bytes()
    try:
        release.write_bytes(kept[:-1])
        done = twice.command("verify", as_of=SECOND)
    finally:
        release.write_bytes(kept)
    assert done.returncode == 1
    assert "statbank_are207" in done.stdout
    assert "was changed" in done.stdout
    assert "does not follow from its inputs" in done.stdout


def test_another_text_in_a_register_moves_no_value_and_is_told(twice: Copy) -> None:
    """The last test: what it publishes is the newest."""
    twice.register("change_causes", tells_the_calendar_otherwise)
    third = twice.answer("refresh", "--force", as_of=THIRD)["version"]
    second = [p["version"] for p in twice.answer("publications", as_of=THIRD)][-2]
    told = twice.answer("diff", second, third, as_of=THIRD)
    assert (told["values"], told["remainder"]) == ([], {"values": 0, "unexplained": 0})
    rows = [(piece["piece"], piece["rows"]) for piece in told["inputs"]]
    was = "A date has passed or the state of a source changed."
    cells = {"text_en": [was, "The day alone."]}
    assert rows == [("register change_causes", [{"row": "calendar", "cells": cells}])]


def tells_the_calendar_otherwise(row: dict[str, str]) -> None:
    if row["cause_code"] == "calendar":
        row["text_en"] = "The day alone."
