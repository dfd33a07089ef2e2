"""Data sets by the hour, of the country, and with further dimensions, drafted from descriptions."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from expectations import rules
from expectations.release_gate import judge_release
from ingestion.declaration import load_source
from ingestion.snapshot.protocol import Answer, Request, json_answer
from orchestration.new_source import NewSource, named, write_new_source
from tests.ingestion.samples import read_sample
from tests.orchestration.conftest import settings_for
from tests.providers.hours import NAME, HourlyDataSet
from tests.providers.server import Providers

GRID = "DeclarationGridEmission"


def write(project: Path, providers: Providers, name: str, table: str) -> NewSource:
    settings = settings_for(
        project / "data",
        KLIMAMONITOR_TRANSPORT="live",
        KLIMAMONITOR_ENERGIDATASERVICE_URL=providers.energidataservice_url,
        KLIMAMONITOR_STATBANK_URL=providers.statbank_url,
    )
    provider = "energidataservice" if table in (NAME, GRID) else "statbank"
    return write_new_source(settings, replace(named(name, provider), table=table), project)


def grid(request: Request) -> Answer | None:
    """Grid emission by price area and allocation method; invented figures."""
    kinds = {"HourUTC": 1, "HourDK": None, "PriceArea": 2, "FuelAllocationMethod": 3}
    if request.path == f"/meta/dataset/{GRID}":
        columns: list[dict[str, Any]] = [
            {
                "dbColumn": name,
                "dataType": "datetime2" if name.startswith("Hour") else "nvarchar",
                "primaryKeyIndex": number,
            }
            for name, number in kinds.items()
        ]
        columns.append({"dbColumn": "CO2PerkWh", "dataType": "decimal", "unit": "g/kWh"})
        told = {"title": "Example: grid emission", "active": True, "resolution": "PT1H"}
        dates = {"dataFrom": "2017-01-15T12:00:00", "dataTo": "2026-11-21T22:00:00"}
        return json_answer({"datasetName": GRID, "columns": columns, **told, **dates})
    if request.path != f"/dataset/{GRID}":
        return None
    records = [
        {
            "HourUTC": f"2026-11-21T{hour}:00:00",
            "HourDK": f"2026-11-21T{hour + 1}:00:00",
            "PriceArea": area,
            "FuelAllocationMethod": method,
            "CO2PerkWh": 100.5 + hour,
        }
        for hour in (21, 22)
        for area in ("DK1", "DK2")
        for method in ("125%", "200%")
    ]
    return json_answer({"total": len(records), "records": records})


def test_a_data_set_by_the_hour_becomes_a_source_in_windows(
    tmp_path: Path, providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    providers.add("energidataservice", HourlyDataSet(datetime(2026, 11, 15, tzinfo=UTC)).answer)
    new = write(tmp_path, providers, "coverage_hours", NAME)
    source = load_source(tmp_path / new.files[0])
    assert source.key == ["municipality_code", "hour_utc"]
    assert source.windows is not None
    assert source.windows.first == "2021M01", "Danish midnight is 23 hours in UTC the day before"
    assert source.cadence == "daily"
    asked = [seen.query for seen in providers.asked("energidataservice") if "start" in seen.query]
    assert [(q["start"], q["end"]) for q in asked] == [("2026-11-14T22:00", "2026-11-15T00:00")]
    assert any("how long does the provider correct" in line for line in new.to_decide)
    sample = read_sample(tmp_path / new.files[4], source)
    assert len(sample.frame) == 2 * 98
    monkeypatch.setattr(rules, "FOLDER", tmp_path / "expectations")
    judged = judge_release(sample.frame, source, None)
    assert [j.rule.id for j in judged if not j.passed] == []


def test_a_data_set_of_the_country_with_dimensions_names_the_codes_that_were_seen(
    tmp_path: Path, providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    providers.add("energidataservice", grid)
    new = write(tmp_path, providers, "grid_emissions", GRID)
    source = load_source(tmp_path / new.files[0])
    assert (source.municipality, source.key) == (
        None,
        ["hour_utc", "price_area", "fuel_allocation_method"],
    )
    codes = {column.name: list(column.codes or {}) for column in source.columns}
    assert codes["price_area"] == ["DK1", "DK2"]
    assert codes["fuel_allocation_method"] == ["125%", "200%"]
    assert source.windows is not None
    assert source.windows.first == "2017M02", "January of that year has no beginning"
    assert sum("which others are there" in line for line in new.to_decide) == 2
    written = yaml.safe_load((tmp_path / new.files[1]).read_text(encoding="utf-8"))["rules"]
    assert [rule["id"] for rule in written] == ["country_magnitude_co2_perk_wh_g_kwh"]
    monkeypatch.setattr(rules, "FOLDER", tmp_path / "expectations")
    judged = judge_release(read_sample(tmp_path / new.files[4], source).frame, source, None)
    assert [j.rule.id for j in judged if not j.passed] == []
