"""A source that is written from the provider's description, and every file of it put to use."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner

from expectations import rules
from expectations.release_gate import judge_release
from ingestion.declaration import Source, load_source
from ingestion.drafting import Sample
from ingestion.drafting import energidataservice as data_sets
from ingestion.drafting import statbank as drafting
from ingestion.errors import AnswerError, DeclarationError, ProviderError
from orchestration.cli import main
from orchestration.new_source import NewSource, named, write_new_source
from orchestration.source_files import DECIDE
from tests.ingestion.reading import cast_text, over_loopback, read_text
from tests.ingestion.samples import read_sample
from tests.orchestration.conftest import settings_for
from tests.providers.fixtures import providers
from tests.providers.server import Providers

__all__ = ["providers"]

CAPACITY = "CapacityPerMunicipality"
TABLES = {
    "capacities": CAPACITY,
    "heated_dwellings": "BOL102",
    "waste_figures": "LABY25",
    "inhabitants": "FOLK1A",
    "monthly_inhabitants": "FOLK1AM",
    "registered_vehicles": "BIL54",
    "area_km2": "ARE207",
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, NewSource]]:
    """Every table of the snapshot, as if nobody had declared it yet."""
    found = {}
    for name, table in TABLES.items():
        project = tmp_path_factory.mktemp(name)
        new = write(project, name, provider_of(name), table=table)
        found[name] = (project, new)
    return found


def write(project: Path, name: str, provider: str, **where: Any) -> NewSource:
    wanted = replace(named(name, provider), **where)
    return write_new_source(settings_for(project / "data"), wanted, project)


def provider_of(name: str) -> str:
    return "energidataservice" if TABLES[name] == CAPACITY else "statbank"


def declared(project: Path, new: NewSource) -> Source:
    return load_source(project / new.files[0])


def files_of(project: Path) -> list[str]:
    return sorted(p.relative_to(project).as_posix() for p in project.rglob("*") if p.is_file())


@pytest.mark.parametrize("name", TABLES)
def test_five_new_files_and_nothing_else(
    written: dict[str, tuple[Path, NewSource]], name: str
) -> None:
    (project, new), provider = written[name], provider_of(name)
    assert files_of(project) == sorted(
        [
            f"ingestion/sources/{provider}_{name}.yml",
            f"expectations/sources/{provider}_{name}.yml",
            f"dbt_project/models/staging/{provider}/stg_{provider}__{name}.sql",
            f"dbt_project/models/staging/{provider}/stg_{provider}__{name}.yml",
            f"tests/samples/{provider}_{name}.json",
        ]
    )
    assert new.files[0] == f"ingestion/sources/{provider}_{name}.yml"
    assert any("sums were" in line for line in new.to_decide)


@pytest.mark.parametrize("name", TABLES)
def test_the_whole_table_is_read_by_the_draft_and_passes_its_gate(
    written: dict[str, tuple[Path, NewSource]],
    name: str,
    providers: Providers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project, new = written[name]
    source = declared(project, new)
    found = cast_text(source, read_text(source, over_loopback(providers, source)))
    assert found.findings == ()
    monkeypatch.setattr(rules, "FOLDER", project / "expectations")
    judged = judge_release(found.frame, source, None)
    told = {j.rule.id for j in judged}
    assert "every_municipality" in told
    assert any(name.startswith("country_magnitude_") for name in told)
    assert [j.rule.id for j in judged if not j.passed] == []


@pytest.mark.parametrize("name", TABLES)
def test_the_model_and_its_yml_name_what_is_read(
    written: dict[str, tuple[Path, NewSource]], name: str
) -> None:
    project, new = written[name]
    source = declared(project, new)
    frame = read_sample(project / new.files[4], source).frame
    rows = frame.assign(release_id="a release", recorded_at="2026-11-24")
    sql = (project / new.files[2]).read_text(encoding="utf-8")
    model = sql.replace(f"{{{{ source('{source.provider}', '{name}') }}}}", "rows")
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        built = connection.sql(model)
        described = yaml.safe_load((project / new.files[3]).read_text(encoding="utf-8"))
        (told,) = described["models"]
        assert [column["name"] for column in told["columns"]] == built.columns
        (key,) = told["data_tests"]
        names = ", ".join(key["unique_combination"]["arguments"]["columns"])
        assert connection.sql(f"select {names} from built group by all").fetchall()
        assert len(connection.sql(f"select distinct {names} from built").fetchall()) == len(frame)
    (table,) = described["sources"][0]["tables"]
    assert table["identifier"] == source.id


def test_what_the_provider_says_is_filled_in(
    written: dict[str, tuple[Path, NewSource]],
) -> None:
    project, new = written["waste_figures"]
    source = declared(project, new)
    assert (source.title, source.title_da) == (
        "Key figures for household waste",
        "Nøgletal for husholdningsaffald",
    )
    assert source.cadence == "yearly"
    assert source.columns[0].provider_name == "KOMGRP", "a geography by whatever name"
    assert source.columns[1].codes == {
        "AFFALDIND": "Household waste (kg. per inhabitant)",
        "GENPCT": "Household waste collected for recycling (per cent)",
    }
    told = " ".join(new.to_decide)
    assert "look like different units" in told
    assert "states no unit for the whole table" in told
    people, inhabitants = written["inhabitants"]
    assert declared(people, inhabitants).period.type == "quarter"
    assert "sums over KØN (sex), ALDER (age)" in " ".join(inhabitants.to_decide)


def test_each_figure_of_a_data_set_is_a_column_with_its_unit(
    written: dict[str, tuple[Path, NewSource]],
) -> None:
    project, new = written["capacities"]
    source = declared(project, new)
    units = {column.name: column.unit for column in source.measures}
    assert units["solar_power_capacity_mw"] == "MW"
    assert units["number_solar_panels"] == "-"
    assert "capacity_ge100_mw" in units, "no unit twice"
    assert source.key == ["municipality_code", "month"]
    assert any("no figure was seen" in line for line in new.to_decide)
    assert any("say it in Danish" in line for line in new.to_decide)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"resolution": "Daily (P1D)"}, "only monthly and hourly"),
        ({"columns": []}, "0 columns of Danish time"),
        ({"another": "MunicipalityCode"}, "2 columns of municipalities"),
    ],
    ids=["of days", "without time", "two places"],
)
def test_a_data_set_that_cannot_be_drafted_is_told(
    written: dict[str, tuple[Path, NewSource]], change: dict[str, Any], why: str
) -> None:
    project, new = written["capacities"]
    info = json.loads((project / new.files[4]).read_text(encoding="utf-8"))["description"]
    if name := change.pop("another", None):
        change = {"columns": [*info["columns"], {**info["columns"][1], "dbColumn": name}]}
    with pytest.raises(DeclarationError, match=why):
        data_sets._declared("energidataservice_x", "x", info | change)


@pytest.mark.parametrize("share", [1.0, -1.0, 1e-8])
def test_the_first_limits_hold_what_was_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    sample = drafting.sampled

    def of_another_size(*arguments: Any) -> Sample:
        found = sample(*arguments)
        return replace(found, frame=found.frame.assign(sinks=found.frame["sinks"] * share))

    monkeypatch.setattr(drafting, "sampled", of_another_size)
    new = write(tmp_path, "sinks", "statbank", table="ARE207")
    rules = yaml.safe_load((tmp_path / new.files[1]).read_text(encoding="utf-8"))["rules"]
    (limits,) = (rule["kwargs"] for rule in rules if rule["id"] == "country_magnitude_sinks")
    seen = 42_900 * share
    assert limits["min_value"] < seen < limits["max_value"]


def test_a_sample_is_read_again_or_refused(
    written: dict[str, tuple[Path, NewSource]], tmp_path: Path
) -> None:
    project, new = written["area_km2"]
    source, path = declared(project, new), project / new.files[4]
    assert len(read_sample(path, source).frame) == 98 * drafting.SAMPLE_PERIODS
    sample: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert sample["description"]["contacts"] == [], "names of people are not kept"
    sample["answer"] = sample["answer"].rsplit("\n", 3)[0]
    shorter = tmp_path / "shorter.json"
    shorter.write_text(json.dumps(sample), encoding="utf-8")
    with pytest.raises(AnswerError, match="rows came"):
        read_sample(shorter, source)


def test_nothing_that_is_there_is_overwritten(
    written: dict[str, tuple[Path, NewSource]], tmp_path: Path
) -> None:
    model = tmp_path / "dbt_project/models/staging/statbank/stg_statbank__area.sql"
    model.parent.mkdir(parents=True)
    model.write_text("mine", encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"There already: .*stg_statbank__area\.sql"):
        write(tmp_path, "area", "statbank", table="ARE207")
    assert files_of(tmp_path) == [model.relative_to(tmp_path).as_posix()]


@pytest.mark.parametrize(
    ("name", "provider", "why"),
    [
        ("9x", "statbank", "a letter first"),
        ("Heated Area", "statbank", "small letters"),
        ("figures", "nobody", "there are energidataservice, statbank"),
        ("figures", "two words", "small letters"),
        ("figures", "klimaregnskabet", "cannot be drafted"),
    ],
)
def test_a_name_or_a_provider_that_cannot_be_is_told(
    tmp_path: Path, name: str, provider: str, why: str
) -> None:
    with pytest.raises(DeclarationError, match=why):
        write(tmp_path, name, provider, table="ARE207")
    assert files_of(tmp_path) == []


def test_a_table_that_does_not_exist_is_told_in_the_providers_words(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="Table does not exist: BYGB40"):
        write(tmp_path, "heated_buildings", "statbank", table="BYGB40")
    assert files_of(tmp_path) == []


def described(*variables: tuple[str, list[str]], **more: Any) -> dict[str, Any]:
    """A ``tableinfo``; a variable without codes lists the municipalities."""
    codes = [code.lstrip("0") for code in drafting.KNOWN_MUNICIPALITIES]
    listed = [
        {
            "id": name,
            "text": "kind" if name.startswith("ART") else name,
            "time": name == "Tid",
            "values": [{"id": code, "text": code} for code in (given or codes)],
        }
        for name, given in variables
    ]
    updated = {"updated": "2026-02-01T08:00:00"}
    return {"id": "X1", "text": "Something", "variables": listed, **updated, **more}


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ([("OMRÅDE", [])], "there is OMRÅDE"),
        ([("BOPÆL", []), ("ARBSTED", []), ("Tid", ["2024"])], "there is BOPÆL, ARBSTED"),
        ([("OMRÅDE", []), ("Tid", ["2024U01"])], "neither years, quarters nor months"),
    ],
    ids=["without time", "two geographies", "weeks"],
)
def test_a_table_that_cannot_be_a_source_is_told(variables: list[Any], why: str) -> None:
    with pytest.raises(DeclarationError, match=why):
        drafting._declared("statbank_x1", "things", described(*variables), "Noget")


def test_columns_of_one_name_are_told_apart_and_a_retired_table_is_asked_about() -> None:
    variables = [("OMRÅDE", []), ("ART1", ["A"]), ("ART2", ["B"]), ("Tid", ["2025", "2026"])]
    info = described(*variables, active=False)
    declaration, notes = drafting._declared("statbank_x1", "things", info, "Noget")
    names = [column["name"] for column in declaration["columns"]]
    assert names == ["municipality_code", "kind", "kind_art2", "year", "things"]
    assert "no longer updates" in notes["table"]
    assert declaration["publication_lag_days"] == 31


def test_the_command_asks_and_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, providers: Providers
) -> None:
    import orchestration.new_source as module

    monkeypatch.setattr(module.write_new_source, "__defaults__", (tmp_path,))
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("KLIMAMONITOR_STATBANK_URL", providers.url("statbank"))
    asked = ["new-source", "areas", "--provider", "statbank", "--table", "ARE207", "--live"]
    answer = CliRunner().invoke(main, [*asked, "--json"])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    assert told["source_id"] == "statbank_areas"
    assert all((tmp_path / name).exists() for name in told["files"])
    assert DECIDE in (tmp_path / told["files"][0]).read_text(encoding="utf-8")
    again = CliRunner().invoke(main, asked)
    assert again.exit_code == 1
    assert "There already" in again.output
    assert {seen.path for seen in providers.requests} == {"/tableinfo", "/data"}
