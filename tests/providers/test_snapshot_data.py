"""The snapshot's data: what the manifest says of them, and that no figure was changed."""

import csv
import hashlib
import json
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
import requests

from .offline import (
    ENERGI,
    FOLDER,
    ROOT,
    ask,
    everything,
    klima_rows,
    offline_session,
    rows,
    selecting,
)

FIGURES = ROOT.parent / "shared" / "data" / "figures"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text("utf-8"))

needs_figures = pytest.mark.skipif(
    not FIGURES.is_dir(), reason="the figures in ../shared/data are not here"
)


@pytest.fixture
def session() -> requests.Session:
    return offline_session()


def figures(name: str) -> list[dict[str, str]]:
    with (FIGURES / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("entry", MANIFEST["files"], ids=lambda entry: entry["path"])
def test_manifest_matches_the_file(entry: dict[str, Any]) -> None:
    content = (FOLDER / entry["path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert len(content) == entry["bytes"] < 1_000_000
    assert entry["attribution"]
    assert entry["licence"]
    assert entry["coarser_than_provider"]


def test_manifest_names_every_file() -> None:
    found = {f.relative_to(FOLDER).as_posix() for f in FOLDER.glob("data/**/*") if f.is_file()}
    listed = [*MANIFEST["files"], *MANIFEST["examples"]]
    assert found == {entry["path"] for entry in listed}


@pytest.mark.parametrize("entry", MANIFEST["examples"], ids=lambda entry: entry["path"])
def test_an_invented_report_says_that_it_is(entry: dict[str, Any]) -> None:
    content = (FOLDER / entry["path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert len(content) == entry["bytes"]
    assert entry["statement"].startswith("Invented")
    assert content.startswith(b"# Invented example")
    assert b"EKSEMPEL" in content


def test_no_contact_person_is_held() -> None:
    for path in FOLDER.glob("data/statbank/*/tableinfo.*.json"):
        assert json.loads(path.read_text("utf-8"))["contacts"] == []


def test_importing_reads_no_data_and_no_pandas() -> None:
    code = (
        "import sys, ingestion.snapshot.adapter as a; a.SnapshotAdapter('statbank', 'http://x/v1');"
        "from ingestion.snapshot.storage import read_text;"
        "print('pandas' in sys.modules, read_text.cache_info().currsize)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert told.stdout.split() == ["False", "0"], told.stderr


@needs_figures
@pytest.mark.parametrize(
    ("table", "name", "area", "period", "column", "where"),
    [
        ("FOLK1A", "folk1a_population_quarterly.csv", "OMRÅDE", "period", "population", {}),
        ("FOLK1AM", "folk1am_population_monthly.csv", "OMRÅDE", "period", "population", {}),
        ("ARE207", "are207_area_km2.csv", "OMRÅDE", "year", "area_km2", {}),
        ("BIL707", "bil707_passenger_cars.csv", "OMRÅDE", "year", "passenger_cars", {}),
        ("BIL54", "bil54_household_cars_2026M01.csv", "OMRÅDE", "", "total", {"DRIV": "20200"}),
        ("BIL54", "bil54_household_cars_2026M01.csv", "OMRÅDE", "", "diesel", {"DRIV": "20210"}),
        ("BIL54", "bil54_household_cars_2026M01.csv", "OMRÅDE", "", "electric", {"DRIV": "20225"}),
        (
            "BIL54",
            "bil54_household_cars_2026M01.csv",
            "OMRÅDE",
            "",
            "plugin_hybrid",
            {"DRIV": "20232"},
        ),
        ("BOL102", "bol102_dwellings_by_heating_2026.csv", "AMT", "", "oil", {"OPVARMNING": "CO"}),
        (
            "BOL102",
            "bol102_dwellings_by_heating_2026.csv",
            "AMT",
            "",
            "natural_gas",
            {"OPVARMNING": "CN"},
        ),
        (
            "LABY25",
            "laby25_household_waste_2023.csv",
            "KOMGRP",
            "",
            "kg_per_inhabitant",
            {"BNØGLE": "AFFALDIND"},
        ),
        (
            "LABY25",
            "laby25_household_waste_2023.csv",
            "KOMGRP",
            "",
            "recycled_pct",
            {"BNØGLE": "GENPCT"},
        ),
    ],
)
def test_statbank_serves_the_figures_as_they_are(
    session: requests.Session,
    table: str,
    name: str,
    area: str,
    period: str,
    column: str,
    where: dict[str, str],
) -> None:
    served = {
        (row[area].zfill(4), row["TID"] if period else ""): row["INDHOLD"]
        for row in rows(ask(session, table, variables=everything(table)))
        if where.items() <= row.items()
    }
    known = {(r["municipality_code"], r.get(period, "")): r[column] for r in figures(name)}
    assert len({code for code, _ in known}) == 98
    assert known.items() <= served.items()


@needs_figures
def test_heating_sums_to_all_occupied_dwellings(session: requests.Session) -> None:
    asked = selecting(AMT=["*"], BEBO=["1000"], Tid=["2026"])
    served = {
        row["AMT"].zfill(4): row["INDHOLD"] for row in rows(ask(session, "BOL102", variables=asked))
    }
    known = figures("bol102_dwellings_by_heating_2026.csv")
    assert served == {row["municipality_code"]: row["total"] for row in known}


@needs_figures
def test_energi_data_service_serves_the_figures(session: requests.Session) -> None:
    text = session.get(f"{ENERGI}/dataset/CapacityPerMunicipality?limit=0").text
    served = {
        record["MunicipalityNo"].zfill(4): (
            record["SolarPowerCapacity"],
            record["OnshoreWindCapacity"],
            record["OffshoreWindCapacity"],
        )
        for record in json.loads(text, parse_float=str)["records"]
    }
    assert served == {
        row["municipality_code"]: (row["solar_mw"], row["onshore_wind_mw"], row["offshore_wind_mw"])
        for row in figures("eds_capacity_mw.csv")
    }


@needs_figures
def test_klimaregnskabet_serves_the_figures(session: requests.Session) -> None:
    for row in figures("klimaregnskab_emissions.csv"):
        served = klima_rows(session, row["municipality_code"].lstrip("0"), row["year"])
        tonnes = [r["værdi"] for r in served if r["enhed"] == "Ton CO2e"]
        columns = ("energy", "transport", "agriculture", "waste", "industry")
        assert tonnes[:5] == [row[f"{name}_tco2e"] for name in columns]
        without = Decimal(row["total_tco2e"]) - Decimal(row["agriculture_tco2e"])
        assert tonnes[5:] == [str(without), row["total_tco2e"]]
        others = [r["værdi"] for r in served if r["enhed"] != "Ton CO2e"]
        assert others == [
            row["per_capita_tco2e"],
            row["re_electricity_self_sufficiency_ratio"],
        ]


@needs_figures
def test_the_embedded_heat_mix_holds_the_figures() -> None:
    (path,) = FOLDER.glob("data/file_drop/energistyrelsen_district_heat_mix/*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        header, *left = csv.reader(file, delimiter=";")
    assert header[:2] == ["Kommunenr", "År"]
    assert {row[1] for row in left} == {"2023"}
    assert [[row[0], *(cell.replace(",", ".") for cell in row[2:7]), *row[7:]] for row in left] == [
        [*list(row.values())[:-1], row["network"] or "-"]
        for row in figures("ept_district_heat_mix.csv")
    ]
