"""How fast a million rows get into PostgreSQL: Arrow in bulk, COPY, row by row.

    .venv/bin/python -m benchmarks.postgres --runs 3

A table of ten columns with a fixed seed is loaded from DuckDB into an empty table of a server that
this starts itself, with ``fsync`` off, so that the client's side is what differs. Rows one by one
are measured on a fiftieth and multiplied: they would take minutes otherwise.
"""

import argparse
import io
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
from adbc_driver_postgresql import dbapi

from tests.warehouse.postgres_server import ADMIN, Server

RESULTS = Path(__file__).parent / "postgres.md"
ROWS, SAMPLE = 1_000_000, 20_000
MAKE = f"""
select setseed(0.4);
create table w as select
    lpad((n % 98 + 101)::varchar, 4, '0') as municipality_code, (1990 + n % 60)::integer as year,
    'indicator_' || n % 95 as indicator_id, random() * 1e6 as value, random() as numerator,
    random() as denominator, 'Rødovre æøå ' || n as note, n as source_row,
    n % 2 = 0 as is_example, timestamp '2026-01-01' + interval (n) second as recorded_at
from range({ROWS}) as t (n);
"""
TABLE = (
    "(municipality_code text, year integer, indicator_id text, value double precision, numerator "
    "double precision, denominator double precision, note text, source_row bigint, is_example "
    "boolean, recorded_at timestamp)"
)
Load = Callable[[duckdb.DuckDBPyConnection, str], float]


def arrow(source: duckdb.DuckDBPyConnection, dsn: str) -> float:
    """As a load does it."""
    with closing(dbapi.connect(dsn)) as connection, closing(connection.cursor()) as cursor:
        with closing(source.sql("from w").to_arrow_reader(100_000)) as batches:
            for batch in batches:
                cursor.adbc_ingest("w", batch, mode="append")
        connection.commit()
    return 1


def copy_csv(source: duckdb.DuckDBPyConnection, dsn: str) -> float:
    """COPY of a CSV text that Arrow writes."""
    import pyarrow.csv

    bare = pyarrow.csv.WriteOptions(include_header=False)
    statement = "copy w from stdin (format csv)"
    with psycopg.connect(dsn) as session, session.cursor().copy(statement) as copy:
        for batch in source.sql("from w").to_arrow_reader(100_000):
            text = io.BytesIO()
            pyarrow.csv.write_csv(batch, text, bare)
            copy.write(text.getvalue())
    return 1


def copy_rows(source: duckdb.DuckDBPyConnection, dsn: str) -> float:
    """COPY of Python tuples."""
    asked = source.execute("from w")
    with psycopg.connect(dsn) as session, session.cursor().copy("copy w from stdin") as copy:
        while rows := asked.fetchmany(10_000):
            for row in rows:
                copy.write_row(row)
    return 1


def insert_rows(source: duckdb.DuckDBPyConnection, dsn: str) -> float:
    """``executemany``; a fiftieth of the rows, the answer says by what to multiply."""
    rows = source.execute(f"from w limit {SAMPLE}").fetchall()
    with psycopg.connect(dsn) as session, session.cursor() as cursor:
        cursor.executemany(f"insert into w values ({', '.join(['%s'] * 10)})", rows)
    return ROWS / SAMPLE


WAYS: dict[str, Load] = {
    "Arrow by ADBC": arrow,
    "COPY of CSV": copy_csv,
    "COPY of tuples": copy_rows,
    "insert by executemany": insert_rows,
}


def measured(server: Server, source: duckdb.DuckDBPyConnection, load: Load) -> float:
    """Seconds for all rows into an empty table."""
    server.ask("drop table if exists w", ADMIN, "postgres")
    server.ask(f"create table w {TABLE}", ADMIN, "postgres")
    started = time.perf_counter()
    times = load(source, server.dsn(ADMIN, "postgres"))
    seconds = (time.perf_counter() - started) * times
    ((rows,),) = server.ask("select count(*) from w", ADMIN, "postgres")
    assert rows * times == ROWS
    return seconds


def main() -> None:
    """Measure every way in turn, as often as asked, and write the medians down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    server = Server(None)
    try:
        with duckdb.connect() as source:
            source.execute(MAKE)
            found: dict[str, list[float]] = {name: [] for name in WAYS}
            for _ in range(runs):
                for name, load in WAYS.items():
                    found[name].append(measured(server, source, load))
    finally:
        server.remove()
    medians = {name: statistics.median(seconds) for name, seconds in found.items()}
    fastest = medians["Arrow by ADBC"]
    lines = [f"| {n} | {s:.2f} | {s / fastest:.1f} |" for n, s in medians.items()]
    told = f"`python -m benchmarks.postgres --runs {runs}`, 2 cores, wall seconds, median."
    head = "| a million rows × 10 columns | seconds | × Arrow |\n|---|---|---|"
    RESULTS.write_text(f"# PostgreSQL\n\n{told}\n\n{head}\n" + "\n".join(lines) + "\n")
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()
