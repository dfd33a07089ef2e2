"""Eight readers, of files and of PostgreSQL, while publications come and go."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warehouse.postgres_server import Server
from tests.warehouse.publishing import laid_out
from tests.warehouse.served import VERSIONS, WHOLE, address, publish_star, served_number
from warehouse.postgres import serve

# Each answer of a reader: rows, lowest and highest number. It reads until the stop file is there,
# and once more.
READ = """
import json, pathlib, sys, time
kind, place, stop, sql = sys.argv[1:]
if kind == "file":
    import duckdb
    def ask():
        with duckdb.connect(place, read_only=True) as file:
            return file.execute(sql.replace("monitoring.", "")).fetchall()[0]
else:
    import psycopg
    session = psycopg.connect(place, autocommit=True)
    def ask():
        return session.execute(sql).fetchall()[0]
answers, is_last = [ask()], False
print("ready", flush=True)
while not is_last:
    time.sleep(0.02)  # the publisher needs a core too
    is_last = pathlib.Path(stop).exists()
    answers.append(ask())
print(json.dumps({"asked": len(answers), "answers": sorted(set(answers))}))
"""
WIDER = "alter table fct_value add column note varchar;"


def readers(server: Server, current: Path, stop: Path) -> list[subprocess.Popen[str]]:
    places = [("file", str(current / "monitoring.duckdb")), ("postgres", server.dsn("bi"))]
    return [
        subprocess.Popen(
            [sys.executable, "-c", READ, kind, place, str(stop), VERSIONS],
            stdout=subprocess.PIPE,
            text=True,
        )
        for kind, place in places * 4
    ]


@pytest.mark.parametrize(
    "publications",
    [pytest.param(10, id="ten"), pytest.param(50, id="fifty", marks=pytest.mark.long)],
)
def test_no_reader_sees_an_error_or_two_publications_in_one_answer(
    server: Server, tmp_path: Path, publications: int
) -> None:
    layout, stop = laid_out(tmp_path / "data"), tmp_path / "stop"
    serve(address(server), publish_star(layout, 1))
    reading = readers(server, layout.current, stop)
    try:
        for reader in reading:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        for number in range(2, publications + 1):
            # Every fourth has another column than the last: its tables are replaced.
            assert serve(address(server), publish_star(layout, number, WIDER * (number % 4 == 0)))
        stop.touch()
        told = [json.loads(reader.communicate(timeout=60)[0]) for reader in reading]
    finally:
        for reader in reading:
            reader.kill()
    assert [reader.returncode for reader in reading] == [0] * 8
    for found in told:
        assert found["answers"][-1] == [WHOLE, publications, publications]
        assert all(rows == WHOLE and low == high for rows, low, high in found["answers"])
    assert sum(len(found["answers"]) for found in told) > 8, "nobody read while it went on"
    assert served_number(server) == publications
