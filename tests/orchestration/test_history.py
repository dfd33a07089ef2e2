"""A figure that its provider revises: what was published stays to be looked up, and is a revision.

Real nights, with a heat mix of which the provider gives another figure on the second.
"""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from ingestion.snapshot import storage
from ingestion.snapshot.storage import FILE_DROP
from orchestration.cli import main
from orchestration.settings import Settings
from tests.orchestration.conftest import run, settings_for
from tests.orchestration.reported import dbt
from warehouse import as_of, history, publications, retention
from warehouse.explain import NothingToExplainError, explain

CELL = ("0101", "district_heat_biomass_share", 2023)
HEAT_MIX = "energistyrelsen_district_heat_mix"
FIRST, SECOND, LAST = "2026-11-24", "2026-11-26", "2026-12-31"
OURS = {"fct_revision", "mart_revision_source_indicator"}


def heat_mix(folder: Path) -> Path:
    """The provider's files with other shares for Copenhagen."""
    there = shutil.copytree(FILE_DROP, folder / "file_drop")
    (file,) = (there / HEAT_MIX).glob("*.csv")
    text = file.read_text(encoding="utf-8")
    assert "0101;2023;65,8;24,4;9,0;" in text
    file.chmod(0o644)
    file.write_text(text.replace("65,8;24,4;9,0;", "65,1;24,4;9,7;", 1), encoding="utf-8")
    return there


def night(home: Path, day: str, *, force: bool = False) -> Settings:
    settings = settings_for(home, KLIMAMONITOR_AS_OF=f"{day}T02:30:00+01:00")
    result = run(settings, force=force)
    assert result.result == "published", result.reasons
    return settings


def tables(settings: Settings) -> dict[str, str]:
    manifest = publications.current_manifest(settings.layout) or {}
    return {name: content["content_hash"] for name, content in manifest["tables"].items()}


def asked(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    file = settings.layout.current / publications.DATABASE
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def command(home: Path, *arguments: str) -> Any:
    environment = {"KLIMAMONITOR_HOME": str(home), "KLIMAMONITOR_AS_OF": f"{LAST}T12:00:00+01:00"}
    return CliRunner().invoke(main, list(arguments), env=environment)


Revised = tuple[Path, Settings, list[dict[str, str]]]


@pytest.fixture(scope="module")
def revised(first_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Revised:
    """Three nights: first values, one of them revised, and much later a build without news."""
    folder = tmp_path_factory.mktemp("revised")
    home = Path(shutil.copytree(first_root, folder / "data", symlinks=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage, "FILE_DROP", heat_mix(folder))
        second = tables(night(home, SECOND))
        last = night(home, LAST, force=True)
    return home, last, [second, tables(last)]


def test_each_day_is_known_as_it_was_published(revised: Revised) -> None:
    home, _settings, _ = revised
    told = {}
    for day in ("2026-11-24", "2026-11-25", "2026-11-26", "2026-12-30", "2026-12-31"):
        arguments = f"--municipality 101 --indicator {CELL[1]} --year {CELL[2]} --json".split()
        answer = command(home, "as-of", day, *arguments)
        assert answer.exit_code == 0, answer.output
        found = json.loads(answer.output)
        told[day] = found["number"]["value"]
        assert found["number"]["unit"] == "%"
        assert found["number"]["status"] == "reported"
        assert found["values"][0]["source_id"] == HEAT_MIX
    assert list(told.values()) == [65.8, 65.8, 65.1, 65.1, 65.1]
    early = command(home, "as-of", "2026-11-23", "--out", str(home / "x.csv"))
    assert (early.exit_code, "the first was on 2026-11-24" in early.output) == (1, True)


def test_retention_has_deleted_what_its_rule_names_and_says_so(revised: Revised) -> None:
    home, settings, _ = revised
    there = [manifest["version"][:8] for manifest in publications.versions(settings.layout)]
    assert there == ["20261126", "20261231"]
    rows = history.recorded(settings.layout)
    assert [row["outcome"] for row in rows] == [history.RECORDED] * 3
    gone = rows[0]["version"]
    with pytest.raises(NothingToExplainError, match="deleted on 2026-12-31 by the retention rules"):
        explain(settings.layout, *CELL, gone)
    refused = command(home, "rollback", gone)
    assert (refused.exit_code, "by the retention rules" in refused.output) == (1, True)
    logged = asked(settings, "select count(*) from publication_log where outcome = 'published'")
    assert logged == [(3,)], "the log still has them"


def test_a_whole_table_is_what_that_publication_held(revised: Revised, tmp_path: Path) -> None:
    _home, settings, _ = revised
    kept = publications.versions(settings.layout)[0]["version"]
    for table in history.KEYS:
        out = tmp_path / f"{table}.parquet"
        day = date.fromisoformat(SECOND)
        as_of.write_table(settings.layout, day, day + timedelta(days=60), table, out)
        published = settings.layout.publications / kept / "parquet" / f"{table}.parquet"
        with duckdb.connect() as connection:
            for one, other in ((out, published), (published, out)):
                lost = f"select * from '{one}' except all select * from '{other}'"
                assert connection.execute(f"select count(*) from ({lost})").fetchall() == [(0,)]


def test_revisions_are_published_and_a_build_without_news_adds_none(revised: Revised) -> None:
    _home, settings, (second, last) = revised
    assert {name: second[name] for name in OURS} == {name: last[name] for name in OURS}
    rows = asked(
        settings,
        "select vintage_date, value, previous_value, revision_number, round(first_revision, 9), "
        "round(total_revision, 9), is_newest from fct_revision where municipality_code = '0101' "
        f"and indicator_id = '{CELL[1]}' order by vintage_date",
    )
    assert rows == [
        (date(2026, 11, 24), 65.8, None, 0, -0.7, None, False),
        (date(2026, 11, 26), 65.1, 65.8, 1, -0.7, -0.7, True),
    ]
    summed = asked(
        settings,
        "select values_count, revised_values_count, revisions_count, "
        "round(mean_first_revision, 9), round(mean_absolute_revision, 9) "
        f"from mart_revision_source_indicator where indicator_id = '{CELL[1]}'",
    )
    assert summed == [(97, 1, 1, -0.7, 0.7)]


def test_the_commands_list_and_pin(revised: Revised) -> None:
    home, settings, _ = revised
    version = publications.versions(settings.layout)[0]["version"]
    assert command(home, "pin", version, "--reason", "quoted", "--by", "NN").exit_code == 0
    listed = json.loads(command(home, "publications", "--json").output)
    assert [p["is_current"] for p in listed] == [False, True]
    assert listed[0]["pinned"]["reason"] == "quoted"
    assert listed[0]["kept_until"] is None
    assert "pinned" in listed[0]["kept_because"]
    assert listed[0]["schema_version"] == publications.SCHEMA_VERSION
    assert "(quoted)" in command(home, "publications").output
    assert command(home, "unpin", version).exit_code == 0
    assert command(home, "unpin", version).exit_code == 1
    assert retention.pins(settings.layout) == {}
    assert command(home, "pin", "20200101T000000Z-00000000", "--reason", "x").exit_code == 1


def test_a_correction_is_applied_where_the_source_is_still_wrong(home: Path) -> None:
    """An invented example: one figure that is as expected, and one that has changed."""
    from orchestration.open_run import opened

    settings = settings_for(home, KLIMAMONITOR_AS_OF="2026-11-25T02:30:00+01:00")
    with opened(settings, force=True) as night:
        night.has_news()
        for source in night.sources:
            night.take_in(source)
        draft = night.draft
        night.build()
        example = (
            "'{}', 'statbank_are207', 'statbank_are207', 'area_km2', '{}', 2024, {}, 1000.0, "
            "'km2', 'Opdigtet eksempel', 'Eksempel', null, 'open', 'none', date '2026-11-01'"
        )
        with duckdb.connect(str(draft.work_file)) as work:
            (area,) = work.execute(
                "select value from int_observations_unioned where municipality_code = '0101' "
                "and provider_code = 'area_km2' and year = 2024"
            ).fetchall()[0]
            for name, code, value in (
                ("example-wrong", "0101", area),
                ("example-mended", "0147", 1),
            ):
                work.execute(
                    f"insert into corrections values ({example.format(name, code, value)})"
                )
        chosen = ["--select", "int_observations_corrected+", "fct_correction"]
        made = dbt(draft, "run", *chosen)
        assert set(made.values()) == {"success"}
    with duckdb.connect(str(draft.file), read_only=True) as file:
        states = file.execute(
            "select correction_id, state, state_da from fct_correction"
        ).fetchall()
        assert [row[:2] for row in states] == [
            ("example-mended", "source_changed"),
            ("example-wrong", "applied"),
        ]
        rows = file.execute(
            "select municipality_code, value, is_corrected, source_ref like "
            "'%!corrected:example-wrong' from fct_indicator_value where indicator_id = 'area_km2' "
            "and year = 2024 and municipality_code in ('0101', '0147') order by 1"
        ).fetchall()
        assert rows[0] == ("0101", 1000.0, True, True)
        assert rows[1][2:] == (False, False)
        shared = file.execute(
            "select count(*) from fct_indicator where is_corrected and source_ref "
            "not like '%example-wrong%'"
        ).fetchall()
        assert shared == [(0,)]


def test_the_keys_of_the_history_are_those_of_the_contract() -> None:
    from expectations.contract import published_tables
    from orchestration.transform import ensure_parsed

    contract = {table.name: tuple(table.key) for table in published_tables(ensure_parsed())}
    assert {name: contract[name] for name in history.KEYS} == dict(history.KEYS)
    assert retention.retention_rule() == retention.Rule(35, "month")
