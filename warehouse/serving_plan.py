"""What a publication is in another database's words: tables, columns, keys, comments, hashes.

Read from the version folder alone, so that an older publication can be served as well as the
newest. Keys stand in the publication's own ``dim_table_key``; one made before that table existed
is served without keys.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from warehouse.publications import DATABASE, read_manifest

TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double precision",
    "INTEGER": "integer",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "VARCHAR": "text",
}
DECIMAL = re.compile(r"DECIMAL(\(\d+,\d+\))")
KEYS = "dim_table_key"


class UnservableError(ValueError):
    """A publication that the other database cannot hold; the message names the column."""


@dataclass(frozen=True)
class Column:
    """One column with its type in DuckDB and in PostgreSQL."""

    name: str
    duckdb_type: str = field(compare=False)
    type: str
    is_required: bool
    comment: str = field(default="", compare=False)


@dataclass(frozen=True, order=True)
class ForeignKey:
    """Columns that hold another table's key."""

    columns: tuple[str, ...]
    to: str
    to_columns: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table; two are equal when a row of the one fits into the other under the same keys."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    comment: str = field(default="", compare=False)
    content_hash: str = field(default="", compare=False)


@dataclass(frozen=True)
class Plan:
    """A publication to be served, referenced tables named like the others."""

    version: str
    file: Path
    tables: tuple[Table, ...]


@contextmanager
def reading(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The publication's own file, read-only."""
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def plan_of(folder: Path) -> Plan:
    """What is to be served of a version folder.

    Raises:
        LookupError: the folder holds no publication.
        UnservableError: a column has a type that PostgreSQL has no counterpart for.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise LookupError(f"{folder.name} holds no publication that can be read.")
    with reading(folder / DATABASE) as connection:
        keys, foreign_keys = _keys(connection)
        columns = _columns(connection)
        comments = dict(
            connection.execute("select table_name, comment from duckdb_tables()").fetchall()
        )
    tables = tuple(
        Table(
            name,
            columns=tuple(_required(column, keys.get(name, ())) for column in columns[name]),
            key=keys.get(name, ()),
            foreign_keys=tuple(sorted(foreign_keys.get(name, []))),
            comment=comments[name] or "",
            content_hash=manifest["tables"][name]["content_hash"],
        )
        for name in sorted(columns)
    )
    return Plan(manifest["version"], folder / DATABASE, tables)


def _required(column: Column, key: tuple[str, ...]) -> Column:
    """A column of the key cannot be null, whatever is declared."""
    required = column.is_required or column.name in key
    return Column(column.name, column.duckdb_type, column.type, required, column.comment)


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Column]]:
    rows = connection.execute(
        "select table_name, column_name, data_type, not is_nullable, comment "
        "from duckdb_columns() where not internal order by table_name, column_index"
    ).fetchall()
    found: dict[str, list[Column]] = {}
    for table, name, kind, required, comment in rows:
        column = Column(name, kind, postgres_type(table, name, kind), required, comment or "")
        found.setdefault(table, []).append(column)
    return found


def postgres_type(table: str, column: str, kind: str) -> str:
    """PostgreSQL's name of a DuckDB type.

    Raises:
        UnservableError: there is no exact counterpart.
    """
    decimal = DECIMAL.fullmatch(kind)
    found = f"numeric{decimal[1]}" if decimal else TYPES.get(kind)
    if found is None:
        raise UnservableError(f"{table}.{column} is {kind}; PostgreSQL has no such type here.")
    return found


def _keys(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[dict[str, tuple[str, ...]], dict[str, list[ForeignKey]]]:
    """Primary key and foreign keys of each table."""
    primary: dict[str, tuple[str, ...]] = {}
    foreign: dict[str, list[ForeignKey]] = {}
    if not connection.execute(
        "select 1 from duckdb_tables() where table_name = ?", [KEYS]
    ).fetchall():
        return primary, foreign
    rows = connection.execute(
        f"select table_name, kind, column_names, references_table, references_columns from {KEYS}"  # noqa: S608
    ).fetchall()
    for table, kind, names, to, to_names in rows:
        columns = tuple(names.split(", "))
        if kind == "primary":
            primary[table] = columns
        else:
            key = ForeignKey(columns, to, tuple(to_names.split(", ")))
            foreign.setdefault(table, []).append(key)
    return primary, foreign
