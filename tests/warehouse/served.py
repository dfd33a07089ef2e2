"""Small publications with every type, awkward values and keys, to serve, and how to read them."""

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from tests.warehouse.postgres_server import Server
from tests.warehouse.publishing import PAGES, facts, inputs
from warehouse.draft import Draft, prepare, seal
from warehouse.durable import sha256_of_file
from warehouse.layout import Layout
from warehouse.postgres import Address
from warehouse.promotion import REQUIRED_CHECKS, promote
from warehouse.publications import DATABASE, TableAudit

ROWS = 400
KEYS = {
    "dim_table_key": ["table_name", "kind", "column_names"],
    "dim_year": ["year"],
    "fct_value": ["municipality_code", "year"],
}
STAR = f"""
create table dim_year (year integer not null, version integer not null);
comment on table dim_year is 'Et år pr. række; ''citeret'' \\ og $$.';
insert into dim_year select 2000 + n, $number from range({ROWS // 2}) as t (n);

create table fct_value (
    municipality_code varchar not null, year integer, version integer, value double,
    amount decimal(18, 3), "order" varchar, "Årets tal" bigint, day date, seen_at timestamp,
    heard_at timestamptz, is_example boolean
);
comment on column fct_value."order" is 'Skal stå i anførselstegn.';
insert into fct_value select
    lpad((n % 2)::varchar, 4, '0'), 2000 + n // 2, $number,
    case n when 0 then '-0.0'::double when 1 then 'nan' when 2 then 'inf' when 3 then 5e-324
        when 4 then null else n / 3.0 end,
    case when n % 7 = 0 then null else n * 1.001 - 50 end,
    case n % 4 when 0 then 'Rødovre æøå ÆØÅ é' when 1 then '' when 2 then null
        else e'tab\\tlinje\\nslut\\\\ "citat" '';' end,
    case n % 3 when 0 then null else 9007199254740993 + n end,
    date '0999-02-28' + n::integer * 1000,
    timestamp '2026-02-28 23:59:59.123456' + interval (n) minute,
    timestamptz '2026-03-29 01:30:00+00' + interval (n) minute,
    case n % 3 when 0 then null else n % 2 = 0 end
from range({ROWS}) as t (n);

create table dim_table_key (
    table_name varchar not null, kind varchar not null, column_names varchar not null,
    references_table varchar, references_columns varchar
);
insert into dim_table_key values
    ('dim_year', 'primary', 'year', null, null),
    ('dim_table_key', 'primary', 'table_name, kind, column_names', null, null),
    ('fct_value', 'primary', 'municipality_code, year', null, null),
    ('fct_value', 'foreign', 'year', 'dim_year', 'year');
"""
# Two tables in one answer: torn when more than one version is among them.
VERSIONS = (
    "select count(*), min(version), max(version) from "
    "(select version from monitoring.dim_year union all select version from monitoring.fct_value)"
    " as both_tables"
)
WHOLE = ROWS + ROWS // 2


def publish_star(layout: Layout, number: int, change: str = "") -> Path:
    """A publication whose rows hold its number; ``change`` is SQL on top."""
    draft = prepare(layout, Draft.of_run(layout, f"run-{number}"), inputs())
    with duckdb.connect(str(draft.file)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(STAR.replace("$number", str(number)) + change)
        names = [row[0] for row in connection.execute("show tables").fetchall()]
    seal(draft)
    digest = sha256_of_file(draft.file)
    audits = {name: TableAudit(name, digest, REQUIRED_CHECKS, 3) for name in names}
    tables = {name: KEYS.get(name, ["year"]) for name in names}
    return promote(layout, draft, audits, tables, facts(number), PAGES)


def address(server: Server) -> Address:
    return Address.parse(server.dsn())


def served_number(server: Server, user: str = "bi") -> Any:
    """The number of the publication that a reader sees; fails on two in one answer."""
    ((rows, lowest, highest),) = server.ask(VERSIONS, user)
    assert (rows, lowest) == (WHOLE, highest)
    return lowest


def _spelt(row: tuple[Any, ...]) -> str:
    """Every bit of a number counts; the two drivers only name UTC in different classes."""
    cells = (c.isoformat() if isinstance(c, datetime) else c for c in row)
    return repr(tuple(cells))


def rows_in_file(folder: Path, table: str) -> list[str]:
    """Rows of the publication's file, spelt out."""
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return sorted(map(_spelt, connection.execute(f'select * from "{table}"').fetchall()))


def rows_in_postgres(server: Server, table: str) -> list[str]:
    """The same from PostgreSQL, as another driver reads them."""
    with psycopg.connect(server.dsn("bi"), options="-c timezone=UTC") as session:
        return sorted(
            map(_spelt, session.execute(f'select * from monitoring."{table}"').fetchall())
        )
