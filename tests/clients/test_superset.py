"""Apache Superset reads the publication from PostgreSQL and from the file, and sees the next one.

Everything is done as ``docs/clients/superset.md`` has it. Installing needs PyPI.
"""

import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
import requests
import yaml

from ingestion.snapshot import storage
from orchestration.serving import serve_current
from tests.clients.superset import Superset
from tests.clients.test_clients import PAGES, snippets
from tests.orchestration.conftest import first_root, settings_for
from tests.orchestration.test_history import CELL, SECOND, heat_mix, night
from tests.warehouse.postgres_server import ADMIN, Server
from warehouse import publications

__all__ = ["first_root"]

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]
PAGE = PAGES / "superset.md"
TABLE = "mart_municipality_year"
SHARE = "district_heat_biomass_share_pct"
COLUMNS = ["municipality_code", "year", "name_da", "population", SHARE, "is_example"]
ENDLESS = "select sum(a.range * b.range % 7) from range(9000000) a, range(9000000) b"


class Setting(NamedTuple):
    """Superset beside a state root; the publication as two datasets and in two databases."""

    home: Path
    superset: Superset
    datasets: dict[str, int]
    databases: dict[str, int]


def serve(home: Path, server: Server) -> None:
    row = serve_current(settings_for(home, KLIMAMONITOR_POSTGRES_DSN=server.dsn()), "superset")
    assert row is not None
    assert row.result == "loaded", row.reason


def import_folder(superset: Superset, address: str) -> None:
    """As the page says, with another address in the folder."""
    shutil.rmtree(superset.folder / "docs", ignore_errors=True)
    shutil.copytree(PAGES / "superset", superset.folder / "docs" / "clients" / "superset")
    (file,) = (superset.folder / "docs").rglob("databases/*.yaml")
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({**told, "sqlalchemy_uri": address}), encoding="utf-8")
    lines = snippets(PAGE, "sh")[1].replace("/tmp", str(superset.folder))
    superset.sh(lines, superset.folder)


@pytest.fixture(scope="module")
def setting(
    running_server: Server, first_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Setting]:
    folder = tmp_path_factory.mktemp("superset")
    home = Path(shutil.copytree(first_root, folder / "data", symlinks=True))
    running_server.set_up()
    serve(home, running_server)
    running_server.ask("create database superset", database="postgres")
    superset = Superset(folder, running_server.dsn(ADMIN, "superset"))
    superset.install(snippets(PAGE, "sh")[0])
    import_folder(superset, running_server.dsn("bi"))
    import_folder(superset, "postgresql://bi@nowhere.example.org/klimamonitor")
    superset.start()
    (address,) = snippets(PAGE, "text")
    address = address.strip().replace("/srv/klimamonitor/data", str(home))
    file = superset.add_file("file", address, expose_in_sqllab=True)
    made = {"database": file, "schema": "monitoring.main", "table_name": TABLE}
    of_file = superset.ask("POST", "dataset/", made)["id"]
    served = superset.id_of("dataset", schema="monitoring")
    databases = {"postgresql": superset.id_of("database", database_name="klimamonitor")}
    yield Setting(
        home, superset, {"postgresql": served, "file": of_file}, {**databases, "file": file}
    )
    superset.stop()
    running_server.ask("drop database superset with (force)", database="postgres")


def published(home: Path) -> list[dict[str, Any]]:
    asked = f"select {', '.join(COLUMNS)} from {TABLE} order by 1, 2"
    with duckdb.connect(str(home / "current" / "monitoring.duckdb"), read_only=True) as file:
        rows = file.execute(asked).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def shown(setting: Setting, where: str) -> list[dict[str, Any]]:
    """The same rows as Superset has them."""
    rows = setting.superset.chart(setting.datasets[where], columns=COLUMNS, metrics=[])["data"]
    return sorted(rows, key=lambda row: (row["municipality_code"], row["year"]))


def share(rows: list[dict[str, Any]]) -> object:
    (found,) = (r[SHARE] for r in rows if (r["municipality_code"], r["year"]) == (CELL[0], CELL[2]))
    return found


def version(setting: Setting, where: str) -> str:
    """What the documented query says."""
    (query,) = (s for s in snippets(PAGES / "README.md", "sql") if "publication_log" in s)
    return str(setting.superset.lab(setting.databases[where], query)[0]["version"])


def current(home: Path) -> str:
    return str(json.loads((home / "current" / "manifest.json").read_text())["version"])


def test_the_folder_is_imported_whole(setting: Setting) -> None:
    superset, datasets = setting.superset, setting.datasets
    database = superset.ask("GET", f"database/{setting.databases['postgresql']}")["result"]
    rights = ("allow_ctas", "allow_cvas", "allow_dml", "allow_file_upload", "allow_run_async")
    assert not any(database[right] for right in rights)
    (path,) = PAGES.glob(f"superset/datasets/*/{TABLE}.yaml")
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    described = {column["column_name"]: column["description"] for column in told["columns"]}
    for where, dataset in datasets.items():
        there = superset.ask("GET", f"dataset/{dataset}")["result"]
        got = {column["column_name"]: column["description"] for column in there["columns"]}
        assert got == described, where
    asked = {"columns": ["year"], "metrics": [metric["metric_name"] for metric in told["metrics"]]}
    year = [{"col": "year", "op": "==", "val": 2024}]
    answer = superset.chart(datasets["postgresql"], **asked, filters=year)
    (row,) = answer["data"]
    expected = sum(r["population"] for r in published(setting.home) if r["year"] == 2024)
    assert row == {"year": 2024, "municipalities": 98, "population": expected}
    assert answer["cache_timeout"] == 3600


@pytest.mark.parametrize("where", ["postgresql", "file"])
@pytest.mark.parametrize("allowed", [False, True])
def test_nothing_can_be_written(setting: Setting, where: str, allowed: bool) -> None:
    """Superset refuses; told not to, the login and the file's address do."""
    superset, database = setting.superset, setting.databases[where]
    superset.ask("PUT", f"database/{database}", {"allow_dml": allowed})
    refused = "permission denied|read-only mode" if allowed else "DML_NOT_ALLOWED"
    for statement in ("delete from monitoring.dim_year", "create table monitoring.mine (a int)"):
        with pytest.raises(AssertionError, match=refused):
            superset.lab(database, statement)


def test_the_file_opens_no_other_file(setting: Setting, tmp_path: Path) -> None:
    superset, written = setting.superset, tmp_path / "written.csv"
    read = f"select * from read_text('{setting.home}/current/manifest.json')"
    write = f"copy (select 1 as one) to '{written}'"
    for statement in (read, write, "set enable_external_access = true"):
        with pytest.raises(AssertionError, match=r"disabled by conf|Cannot enable external"):
            superset.lab(setting.databases["file"], statement)
    (address,) = re.findall(r"duckdb:\S+read_only", PAGE.read_text(encoding="utf-8"))
    address = address.replace("/srv/klimamonitor/data", str(setting.home))
    careless = superset.add_file("careless", address, expose_in_sqllab=True)
    assert superset.lab(careless, read)
    superset.lab(careless, write)
    assert written.exists(), "without the option, both can be done"


def test_the_next_publication_and_a_way_back_are_seen(
    setting: Setting, running_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, superset = setting.home, setting.superset
    places, before = ("postgresql", "file"), published(home)
    first = current(home)
    assert [shown(setting, where) for where in places] == [before, before]
    monkeypatch.setattr(storage, "FILE_DROP", heat_mix(tmp_path))
    settings = night(home, SECOND)
    serve(home, running_server)
    after, second = published(home), current(home)
    assert (share(before), share(after)) == (65.8, 65.1)
    assert [shown(setting, where) for where in places] == [after, after], "at once"
    assert [version(setting, where) for where in places] == [second, second]

    def run_for_ever() -> None:
        with suppress(requests.ConnectionError):
            superset.lab(setting.databases["file"], ENDLESS)

    running = threading.Thread(target=run_for_ever, daemon=True)
    running.start()
    while str((home / "current" / "monitoring.duckdb").resolve()) not in superset.open_files():
        assert running.is_alive()
        time.sleep(0.1)
    publications.rollback(settings.layout, first)
    serve(home, running_server)
    assert [shown(setting, where) for where in places] == [before, before], "beside the open file"
    assert [version(setting, where) for where in places] == [first, first]
    assert running.is_alive()
