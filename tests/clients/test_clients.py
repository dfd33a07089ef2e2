"""What the pages for readers say is run here, against a publication in files and in PostgreSQL."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import duckdb
import pytest
import yaml

from orchestration.serving import serve_current
from tests.orchestration.conftest import first_root, settings_for
from tests.warehouse.postgres_server import DATABASE, PASSWORD, Server
from warehouse.publications import SCHEMA_VERSION

__all__ = ["first_root"]

PROJECT = Path(__file__).resolve().parents[2]
PAGES = PROJECT / "docs" / "clients"


def snippets(page: Path, language: str) -> list[str]:
    found = re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    assert found, f"{page.name} has no {language}"
    return found


def do_without(request: pytest.FixtureRequest, packages: str) -> NoReturn:
    """A client that this machine does not have; continuous integration must."""
    assert not request.config.getoption("--require-clients"), f"install {packages}"
    pytest.skip(f"install {packages}")


@pytest.fixture(scope="module")
def served(running_server: Server, first_root: Path) -> Iterator[Server]:
    """PostgreSQL with the first publication."""
    running_server.set_up()
    settings = settings_for(first_root, KLIMAMONITOR_POSTGRES_DSN=running_server.dsn())
    row = serve_current(settings, "clients")
    assert row is not None
    assert row.result == "loaded", row.reason
    yield running_server
    (first_root / "outcomes" / "postgres.jsonl").unlink()


@pytest.fixture
def beside(first_root: Path, tmp_path: Path) -> Path:
    """A folder in which ``data/current`` is what the pages say it is."""
    (tmp_path / "data").symlink_to(first_root)
    return tmp_path


def test_python_as_written(served: Server, beside: Path) -> None:
    for snippet in snippets(PAGES / "python.md", "python"):
        tail = "\nassert len(locals().get('rows', locals().get('cars'))) >= 98\n"
        done = subprocess.run(
            [sys.executable, "-c", snippet + tail],
            cwd=beside,
            env={**os.environ, "MONITORING_READER": served.dsn("bi")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", [PAGES / "README.md", PROJECT / "README.md"], ids=str)
def test_duckdb_as_written(beside: Path, monkeypatch: pytest.MonkeyPatch, page: Path) -> None:
    monkeypatch.chdir(beside)
    with duckdb.connect() as connection:
        attach = "attach 'data/current/monitoring.duckdb' as monitoring (read_only)"
        connection.execute(attach)
        for snippet in snippets(page, "sql"):
            if snippet.startswith("attach"):
                connection.execute("detach monitoring")
            connection.execute(snippet)
            assert snippet.startswith("detach") or connection.fetchall()


def test_the_query_for_the_version_works_in_postgres(served: Server, first_root: Path) -> None:
    (query,) = (s for s in snippets(PAGES / "README.md", "sql") if "publication_log" in s)
    ((version, _at),) = served.ask(query, "bi")
    assert version == (first_root / "current").resolve().name


def test_a_connection_that_is_kept_open_is_noticed_and_attached_anew(tmp_path: Path) -> None:
    """The trap, and the way out of it that the page gives."""
    (query,) = (s for s in snippets(PAGES / "README.md", "sql") if "publication_log" in s)
    (anew,) = (s for s in snippets(PAGES / "README.md", "sql") if s.startswith("detach"))
    current = tmp_path / "data" / "current"
    with duckdb.connect() as connection:
        for version in ("20261101T000000Z-00000000", "20261102T000000Z-00000000"):
            folder = tmp_path / version
            folder.mkdir()
            with duckdb.connect(str(folder / "monitoring.duckdb")) as made:
                made.execute(
                    f"create table publication_log as select '{version}' as version, "
                    "now() as recorded_at, 'published' as outcome"
                )
            current.parent.mkdir(exist_ok=True)
            link = tmp_path / "link"
            link.symlink_to(folder)
            link.replace(current)
            here = str(current)
            if version.startswith("20261101"):
                connection.execute(f"attach '{here}/monitoring.duckdb' as monitoring (read_only)")
        assert connection.execute(query).fetchall()[0][0].startswith("20261101"), "the old one"
        connection.execute(anew.replace("data/current", here))
        assert connection.execute(query).fetchall()[0][0].startswith("20261102")


def test_psql_as_written(served: Server) -> None:
    psql = shutil.which("psql") or str(served.programs / "psql")
    (command,) = snippets(PAGES / "README.md", "sh")
    done = subprocess.run(
        ["sh", "-c", f"psql() {{ '{psql}' \"$@\"; }}; {command}"],
        env={**os.environ, "MONITORING_READER": served.dsn("bi")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "name_da,year,car_zero_emission_share_pct"
    assert len(lines) == 6


def test_an_odbc_client_reads_danish_names(served: Server, request: pytest.FixtureRequest) -> None:
    """What Excel uses; Debian has the driver in odbc-postgresql and ``isql`` in unixodbc."""
    drivers = sorted(Path("/usr/lib").glob("*/odbc/psqlodbcw.so"))
    if not drivers or not shutil.which("isql"):
        do_without(request, "unixodbc odbc-postgresql")
    (line,) = snippets(PAGES / "excel.md", "text")
    place = line.strip().replace("{PostgreSQL Unicode}", str(drivers[0]))
    place = place.replace("db.example.org", "127.0.0.1").replace("5432", str(served.port))
    login = f"{place};UID=bi;PWD={{{PASSWORD}}}"
    sql = (
        "select municipality_code, name_da from monitoring.mart_municipality_year "
        "where municipality_code in ('0175', '0580') and year = 2024 order by 1\n"
    )
    done = subprocess.run(
        ["isql", "-k", login, "-b", "-d|"], input=sql, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == ["0175|Rødovre", "0580|Aabenraa"]


def test_a_jdbc_client_reads_the_same_as_duckdb(
    served: Server, first_root: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """What DBeaver and Java programs use; nulls, Danish letters and decimals included."""
    (command,), (program,) = (snippets(PAGES / "jdbc.md", kind) for kind in ("sh", "java"))
    (jar,) = re.findall(r"-cp (\S+)", command)
    if not shutil.which("java") or not Path(jar).exists():
        do_without(request, "default-jre-headless libpostgresql-jdbc-java")
    (tmp_path / "Query.java").write_text(program, encoding="utf-8")
    login = {"MONITORING_LOGIN": "bi", "MONITORING_PASSWORD": PASSWORD}
    done = subprocess.run(
        ["sh", "-c", command.replace("db.example.org:5432", f"127.0.0.1:{served.port}")],
        cwd=tmp_path,
        env={**os.environ, **login, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    query = (
        "select municipality_code, name_da, population, district_heat_biomass_share_pct "
        "from mart_municipality_year where year = 2024 order by 1"
    )
    with duckdb.connect(str(first_root / "current" / "monitoring.duckdb"), read_only=True) as file:
        expected = file.execute(query).fetchall()
    assert None in {share for *_, share in expected}
    read = [line.split(";") for line in done.stdout.splitlines()]
    assert len(read) == 98
    numbers = [(*r[:2], *(None if n == "null" else float(n) for n in r[2:])) for r in read]
    assert numbers == expected


OLDER_CLIENT = """
import duckdb, os, sys
os.symlink(sys.argv[1], "current")
old = duckdb.connect("current/monitoring.duckdb", read_only=True)
tables = [name for (name,) in old.execute("show tables").fetchall()]
rows = sum(old.execute(f'select count(*) from "{table}"').fetchone()[0] for table in tables)
os.mkdir("next")
duckdb.connect("next/monitoring.duckdb").execute("create table news as select 1").close()
os.symlink("next", "link")
os.replace("link", "current")
second = duckdb.connect("current/monitoring.duckdb", read_only=True)
print(rows, second.execute("show tables").fetchall() == [("news",)])
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("release", "sees_the_next"), [("1.2.2", False), ("1.4.4", False), ("1.5.6", True)]
)
def test_older_duckdb_clients_read_the_file(
    first_root: Path, tmp_path: Path, release: str, sees_the_next: bool
) -> None:
    """What the drivers inside BI tools carry, each in an environment of its own.

    Whether a second connection beside an old one sees the next file is what the pages say.
    """
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "client"], check=True)
    python = tmp_path / "client" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", f"duckdb=={release}"], check=True)
    current = (first_root / "current").resolve()
    done = subprocess.run(
        [python, "-c", OLDER_CLIENT, str(current)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    tables = json.loads((current / "manifest.json").read_text())["tables"]
    rows = sum(content["rows"] for content in tables.values())
    assert done.stdout.split() == [str(rows), str(sees_the_next)]


def test_the_superset_dataset_has_the_published_columns() -> None:
    folder = PAGES / "superset"
    path = folder / "datasets" / "klimamonitor" / "mart_municipality_year.yaml"
    dataset = yaml.safe_load(path.read_text(encoding="utf-8"))
    database = yaml.safe_load((folder / "databases" / "klimamonitor.yaml").read_text())
    schema = json.loads((PAGES / "schema" / f"{SCHEMA_VERSION}.json").read_text())
    published = schema[dataset["table_name"]]["columns"]
    assert [column["column_name"] for column in dataset["columns"]] == list(published)
    assert dataset["database_uuid"] == database["uuid"]
    assert not any(database[right] for right in ("allow_ctas", "allow_dml", "allow_file_upload"))


def test_the_metrics_of_the_superset_dataset_can_be_asked(served: Server) -> None:
    path = PAGES / "superset" / "datasets" / "klimamonitor" / "mart_municipality_year.yaml"
    metrics = yaml.safe_load(path.read_text(encoding="utf-8"))["metrics"]
    asked = ", ".join(metric["expression"] for metric in metrics)
    table = "monitoring.mart_municipality_year"
    ((municipalities, population),) = served.ask(
        f"select {asked} from {table} where year = 2024", "bi"
    )
    assert (municipalities, population > 5_000_000) == (98, True)


def test_every_tool_of_the_list_has_its_page() -> None:
    front = (PAGES / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", front))
    assert linked == {path.name for path in PAGES.glob("*.md")} - {"README.md"}
    assert DATABASE in front
