"""Twelve ways in which an answer drifts, for every protocol: what becomes of it, and that the
suggested edit of the declaration meets it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ingestion.declaration import Source, source_by_id
from ingestion.snapshot.protocol import Request
from orchestration.cli import main
from orchestration.drifting import drift_report
from orchestration.intake import Intake
from orchestration.settings import Settings
from orchestration.source_states import source_state
from tests.ingestion.reading import quick_session
from tests.ingestion.test_file_tables import workbook
from tests.orchestration.conftest import settings_for
from tests.orchestration.test_new_file_source import HEADER, rows
from tests.orchestration.test_new_source import write
from tests.providers import faults
from tests.providers.faults import Fault
from tests.providers.fixtures import providers
from tests.providers.server import Providers
from warehouse import accepted
from warehouse.outcomes import Outcome
from warehouse.shapes import DriftRecord, drift_records

__all__ = ["providers"]

STATBANK, CAPACITY = "statbank_laby25", "energidataservice_capacity_per_municipality"
UPDATED = "2026-12-01T08:00:00"


def settings_of(home: Path, providers: Providers) -> Settings:
    return settings_for(
        home,
        KLIMAMONITOR_TRANSPORT="live",
        KLIMAMONITOR_KLIMAREGNSKABET_KEY="a key",
        **providers.variables,
    )


def taken(settings: Settings, source: Source) -> Outcome:
    intake = Intake(settings, "run")
    intake.session.mount("http://", quick_session().get_adapter("http://"))
    access = intake.access(source.provider)
    access.client.pace.seconds = 0
    return intake.take_in(source)


def edited(source: Source, records: list[DriftRecord]) -> Source:
    """The declaration with every suggested edit."""
    told = source.model_dump(mode="json")
    for edit in (edit for record in records for edit in record.edits):
        *path, last = edit["path"]
        if path == ["columns"]:
            told["columns"] = [c for c in told["columns"] if c["name"] != last]
            continue
        if path[:1] == ["columns"]:
            place: Any = next(c for c in told["columns"] if c["name"] == path[1])
        else:
            place = told
            for name in path:
                place = place[name]
        place[last] = edit["value"]
    return Source.model_validate(told)


def variable(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Fault:
    """Change the variables of a ``tableinfo``."""
    return faults.on_json(
        lambda info: (
            {**info, "variables": change(info["variables"])}
            if isinstance(info, dict) and "variables" in info
            else info
        )
    )


def described(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Fault:
    """Change the columns that ``meta/dataset`` describes."""
    return faults.on_json(
        lambda info: (
            {**info, "columns": [change(dict(c)) for c in info["columns"]]}
            if isinstance(info, dict) and "columns" in info
            else info
        )
    )


def reverse_columns() -> Fault:
    return faults.on_rows(lambda found: [dict(reversed(row.items())) for row in found])


def body_replaced(old: str, new: str) -> Callable[[Request], Request]:
    return lambda request: replace(request, body=request.body.replace(old.encode(), new.encode()))


def new_variable(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    one = {"id": "NYT", "text": "new", "elimination": True, "time": False}
    return [*found, {**one, "values": [{"id": "A", "text": "a"}, {"id": "B", "text": "b"}]}]


def grown(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The variable of kinds has one more code."""
    more = {"id": "NYKODE", "text": "new code"}
    return [{**v, "values": [*v["values"], more]} if v["id"] == "BNØGLE" else v for v in found]


def grow_codes(providers: Providers) -> None:
    """One more key figure, in the description and in the answer to ``*``."""
    providers.fail("statbank", "/tableinfo", variable(grown))
    providers.fail(
        "statbank",
        "/data",
        faults.on_rows(
            lambda f: f + [r | {"BNØGLE": "NYKODE"} for r in f if r["BNØGLE"] == "GENPCT"]
        ),
    )


def rename_variable(providers: Providers) -> None:
    """``KOMGRP`` is called ``KOMGRUPPE`` in description, request and answer."""
    providers.fail(
        "statbank",
        "/tableinfo",
        variable(lambda found: [v | {"id": v["id"].replace("KOMGRP", "KOMGRUPPE")} for v in found]),
    )
    providers.mishear("statbank", "/data", body_replaced("KOMGRUPPE", "KOMGRP"))
    providers.fail("statbank", "/data", faults.renamed_column("KOMGRP", "KOMGRUPPE"))


def fail_statbank(path: str, *more: Fault) -> Callable[[Providers], None]:
    return lambda providers: providers.fail("statbank", path, *more) and None


def in_danish(providers: Providers) -> None:
    providers.mishear("statbank", "/data", faults.in_danish)


def of_capacity(meta: Fault, data: Fault | None = None) -> Callable[[Providers], None]:
    def drift(providers: Providers) -> None:
        providers.fail("energidataservice", "/meta/", meta)
        if data:
            providers.fail("energidataservice", "/dataset/Cap", data)

    return drift


def rename_capacity(providers: Providers) -> None:
    """``SolarPowerCapacity`` is called ``SolarCapacity``."""

    def renamed(column: dict[str, Any]) -> dict[str, Any]:
        name = column["dbColumn"].replace("SolarPowerCapacity", "SolarCapacity")
        return column | {"dbColumn": name}

    def old_name(request: Request) -> Request:
        columns = request.query["columns"].replace("SolarCapacity", "SolarPowerCapacity")
        return replace(request, query={**request.query, "columns": columns})

    providers.fail("energidataservice", "/meta/", described(renamed))
    providers.fail(
        "energidataservice",
        lambda request: "SolarPowerCapacity" in request.query.get("columns", ""),
        faults.status(400, "Invalid column SolarPowerCapacity"),
    )
    providers.mishear("energidataservice", "SolarCapacity", old_name)
    providers.fail(
        "energidataservice",
        "/dataset/Cap",
        faults.renamed_column("SolarPowerCapacity", "SolarCapacity"),
    )


Case = tuple[str, Callable[[Providers], None], str, str, bool]
# Source, drift, outcome, kind that is noted, whether its edits make it pass.
CASES: Mapping[str, Case] = {
    "statbank: renamed": (STATBANK, rename_variable, "failed", "column_renamed", True),
    "statbank: added": (
        STATBANK,
        fail_statbank("/tableinfo", variable(new_variable)),
        "failed",
        "column_added",
        True,
    ),
    "statbank: dropped": (
        STATBANK,
        fail_statbank("/tableinfo", variable(lambda f: [v for v in f if v["id"] != "BNØGLE"])),
        "failed",
        "column_dropped",
        False,
    ),
    "statbank: reordered": (
        STATBANK,
        fail_statbank("/data", reverse_columns()),
        "accepted",
        "columns_reordered",
        True,
    ),
    "statbank: unit": (
        STATBANK,
        fail_statbank("/tableinfo", faults.with_fields({"unit": "1,000 tonnes"})),
        "held",
        "unit_changed",
        True,
    ),
    # Its rules of gate 1 name both figures too, and must be edited as well.
    "statbank: more codes": (STATBANK, grow_codes, "quarantined", "codes_grown", False),
    "statbank: language": ("statbank_folk1a", in_danish, "quarantined", "", False),
    "statbank: retyped": (
        STATBANK,
        fail_statbank("/data", faults.on_figures(lambda _value: "many")),
        "quarantined",
        "",
        False,
    ),
    "data set: renamed": (CAPACITY, rename_capacity, "failed", "column_renamed", True),
    "data set: offered": (
        CAPACITY,
        of_capacity(
            faults.on_json(
                lambda info: {**info, "columns": [*info["columns"], {"dbColumn": "WaveCapacity"}]}
            )
        ),
        "accepted",
        "column_added",
        True,
    ),
    "data set: reordered": (
        CAPACITY,
        of_capacity(faults.with_fields({}), reverse_columns()),
        "accepted",
        "columns_reordered",
        True,
    ),
    "data set: unit": (
        CAPACITY,
        of_capacity(described(lambda c: c | {"unit": "kW"} if c.get("unit") == "MW" else c)),
        "held",
        "unit_changed",
        True,
    ),
    "data set: type": (
        CAPACITY,
        of_capacity(
            described(
                lambda c: c | {"dataType": "text"} if c["dbColumn"].startswith("Solar") else c
            )
        ),
        "accepted",
        "type_changed",
        True,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_drift_has_its_outcome_and_its_edit_meets_it(
    tmp_path: Path, providers: Providers, name: str
) -> None:
    source_id, drift, result, kind, is_met = CASES[name]
    settings, source = settings_of(tmp_path, providers), source_by_id(source_id)
    assert taken(settings, source).result == "accepted"
    assert drift_report(settings) == []
    drift(providers)
    providers.fail(source.provider, None, faults.new_release(UPDATED))
    outcome = taken(settings, source)
    assert outcome.result == result, outcome.reason
    noted = drift_records(settings.layout)
    assert ({row.kind for row in noted} == {kind}) if kind else noted == []
    if result != "accepted":
        assert source_state(settings, source, outcome).state == result
        assert len(accepted.releases(settings.layout, source_id)) == 1, "the last good one stays"
    if kind:
        assert noted[0].what in str(outcome.reason) or result == "accepted"
    if kind and is_met:
        again = taken(settings, edited(source, noted))
        assert again.result in ("accepted", "unchanged"), again.reason
        assert len(accepted.releases(settings.layout, source_id)) == 2


def file_source(tmp_path: Path) -> Source:
    """A source of files, as ``new-source`` writes it."""
    from ingestion.declaration import load_source

    path = tmp_path / "sample.xlsx"
    path.write_bytes(book())
    new = write(tmp_path / "project", "plants", "file", file=path)
    source = load_source(tmp_path / "project" / new.files[0])
    return source.model_copy(
        update={"request": source.request.model_copy(update={"header_within": 5})}
    )


def book(
    header: list[str] = HEADER,
    change: Callable[[list[Any]], list[Any]] = lambda row: row,
    above: int = 2,
    sheet: str = "Data",
) -> bytes:
    return workbook(*[["Tal"]] * above, header, *(change(row) for row in rows()), sheet=sheet)


def moved(row: list[Any]) -> list[Any]:
    return [row[5], *row[:5]]


FILES: Mapping[str, tuple[bytes, str, str, bool]] = {
    "renamed": (book([*HEADER[:5], "Andelen (%)"]), "quarantined", "column_renamed", True),
    "added": (
        book([*HEADER, "Note"], lambda row: [*row, "x"]),
        "quarantined",
        "column_added",
        True,
    ),
    # The rules of gate 1 and the staging model must let go of the column too.
    "dropped": (book(HEADER[:5], lambda row: row[:5]), "quarantined", "column_dropped", False),
    "reordered": (book(moved(HEADER), moved), "accepted", "columns_reordered", True),
    "split": (
        book([*HEADER[:5], "Andel (%) sol", "Andel (%) vind"], lambda row: [*row, 1]),
        "quarantined",
        "column_split",
        False,
    ),
    "moved a little": (book(above=3), "accepted", "header_moved", True),
    "moved far": (book(above=9), "quarantined", "header_moved", True),
    "sheet": (book(sheet="Tal 2026"), "quarantined", "sheet_renamed", True),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_drifts_has_its_outcome_and_its_edit_meets_it(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from expectations import rules

    content, result, kind, is_met = FILES[name]
    source = file_source(tmp_path)
    monkeypatch.setattr(rules, "FOLDER", tmp_path / "project" / "expectations")
    settings = settings_for(tmp_path / "data")
    inbox = settings.layout.inbox / source.id
    inbox.mkdir(parents=True)
    (inbox / "1.xlsx").write_bytes(book())
    assert taken(settings, source).result == "accepted"
    (inbox / "2.xlsx").write_bytes(content)
    outcome = taken(settings, source)
    assert outcome.result == result, outcome.reason
    noted = drift_records(settings.layout)
    assert {row.kind for row in noted} == {kind}, noted
    assert bool(noted[0].edits) == (name != "split" and result != "accepted")
    if is_met and result != "accepted":
        assert "Suggested in the declaration" in str(outcome.reason)
        assert taken(settings, edited(source, noted)).result == "accepted"


@pytest.mark.parametrize(
    ("kind", "policy", "content", "result"),
    [
        ("column_added", "evolve", FILES["added"][0], "accepted"),
        ("columns_reordered", "hold", FILES["reordered"][0], "held"),
        ("columns_reordered", "quarantine", FILES["reordered"][0], "quarantined"),
    ],
)
def test_a_source_may_declare_another_policy(
    tmp_path: Path,
    kind: str,
    policy: str,
    content: bytes,
    result: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from expectations import rules

    source = file_source(tmp_path).model_copy(update={"drift": {kind: policy}})
    monkeypatch.setattr(rules, "FOLDER", tmp_path / "project" / "expectations")
    settings = settings_for(tmp_path / "data")
    inbox = settings.layout.inbox / source.id
    inbox.mkdir(parents=True)
    for name, told in (("1.xlsx", book()), ("2.xlsx", content)):
        (inbox / name).write_bytes(told)
        outcome = taken(settings, source)
    assert outcome.result == result, outcome.reason


def test_the_command_tells_what_drifted_and_what_to_edit(
    tmp_path: Path, providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, source = settings_of(tmp_path, providers), source_by_id(STATBANK)
    taken(settings, source)
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(tmp_path))
    assert CliRunner().invoke(main, ["sources", "--drift"]).output == "Nothing has drifted.\n"
    providers.fail("statbank", "/tableinfo", faults.with_fields({"unit": "1,000 tonnes"}))
    providers.fail("statbank", None, faults.new_release(UPDATED))
    for _ in range(2):
        taken(settings, source)
    answer = CliRunner().invoke(main, ["sources", "--drift"])
    assert answer.exit_code == 0
    assert "statbank_laby25 held: unit_changed, hold" in answer.output
    assert "in ingestion/sources/statbank_laby25.yml" in answer.output
    assert "provider_unit: 1,000 tonnes" in answer.output
    (row,) = json.loads(CliRunner().invoke(main, ["sources", "--drift", "--json"]).output)
    assert row["changes"][0]["value"] == "1,000 tonnes"
