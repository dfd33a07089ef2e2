"""Serving a publication from PostgreSQL: one transaction, after which its rows are those of it.

The tables of schema ``monitoring`` stay and their rows are exchanged, so that a reader in any
transaction goes on seeing what that transaction saw, views of others stay, and nobody waits. Only
when tables, columns or keys differ is the schema itself replaced by one that was filled before, in
a moment in which nobody has it open. Either way, what PostgreSQL gives back is hashed like the
publication before anybody sees it, and what a load has left that ended early the next one drops.
"""

import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb

from warehouse import postgres_sql as sql
from warehouse.content import content_of
from warehouse.publications import VERSION
from warehouse.serving_plan import Column, ForeignKey, Plan, Table, plan_of, reading

ADDRESS = re.compile(
    r"postgres(?:ql)?://(?:[^:@/?#]*(?::(?P<password>[^@/?#]*))?@)?[^@/?#]*(?:/[^@/?#]*)?"
    r"(?:\?(?P<query>[^@#]*))?"
)
# Ten seconds to be let in; a server that vanished is given up after a minute.
PATIENCE = {"connect_timeout": "10", "keepalives_idle": "30", "tcp_user_timeout": "60000"}
ROWS_AT_ONCE = 100_000
TRIES, TRY_MILLISECONDS = 20, 250


class ServingError(RuntimeError):
    """The publication could not be served; what was served before still is. Holds no secret."""


class PostponedError(ServingError):
    """Somebody has the served tables open, and they must be replaced; the next run tries again."""


@dataclass(frozen=True)
class Address:
    """Where PostgreSQL is; its text is not shown, because it holds a password."""

    uri: str
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return "Address(…)"

    @classmethod
    def parse(cls, dsn: str) -> "Address":
        """Read an address.

        An unquoted sign in a password would make the driver take part of it for a host and say
        so; such an address is refused here.

        Raises:
            ServingError: it is no address; the message does not repeat it.
        """
        found = ADDRESS.fullmatch(dsn)
        query = (found["query"] or "") if found else ""
        if found is None or "password=" in query:
            raise ServingError(
                "KLIMAMONITOR_POSTGRES_DSN cannot be understood. Write "
                "postgresql://user:password@host:5432/database, with @ : / ? # in the password "
                "as %40 %3A %2F %3F %23."
            )
        more = [f"{n}={value}" for n, value in PATIENCE.items() if f"{n}=" not in query]
        uri = f"{dsn}{'&' if found['query'] else '' if '?' in dsn else '?'}{'&'.join(more)}"
        password = found["password"] or ""
        return cls(uri, tuple({password, unquote(password)} - {""}))

    def tell(self, error: BaseException) -> str:
        """An error in one line without the query and without a password."""
        told = " ".join(str(error).split("Query was:")[0].split())
        for secret in self.secrets:
            told = told.replace(secret, "***")
        return told[:500]


@contextmanager
def connected(address: Address) -> Iterator[Any]:
    """A cursor in a transaction that is committed only by whoever asks for it.

    Raises:
        ServingError: whatever the driver or the server has to say, in one line.
    """
    from adbc_driver_postgresql import dbapi

    try:
        with closing(dbapi.connect(address.uri)) as connection, closing(connection.cursor()) as it:
            yield it
    except (dbapi.Error, duckdb.Error, OSError) as error:
        raise ServingError(address.tell(error)) from None


def served_version(cursor: Any) -> str | None:
    """The version that readers of PostgreSQL see; None when there is none."""
    rows = _rows(cursor, sql.SERVED)
    found = VERSION.search(rows[0][0] or "") if rows else None
    return found[0] if found else None


def serve(address: Address, folder: Path) -> bool:
    """Make PostgreSQL serve a publication.

    Args:
        address: of a database in which its user may create schemas and, once, a role.
        folder: the publication's version folder.

    Returns:
        False when it was served already.

    Raises:
        ServingError: it is not served; what was served before still is.
    """
    with connected(address) as cursor:
        if served_version(cursor) == folder.name:
            return False
        _load(cursor, plan_of(folder))
    return True


def _load(cursor: Any, plan: Plan) -> None:
    """All of a load, with its commits."""
    if not _rows(cursor, f"select pg_try_advisory_lock({sql.LOAD_LOCK})")[0][0]:
        raise PostponedError("Another load into the same database is running.")
    loaded = f"{sql.NEXT}{plan.version}"
    cursor.execute("set statement_timeout = '15min'")
    cursor.execute("set lock_timeout = '5s'")
    cursor.execute(sql.ensure_reader())
    cursor.execute(sql.drop_retired())
    cursor.execute(sql.drop_unfinished())
    cursor.execute(sql.block(sql.create(loaded, plan.tables)))
    _copy(cursor, loaded, plan)
    if structure(cursor, sql.SCHEMA) == plan.tables and all(table.key for table in plan.tables):
        _exchange(cursor, loaded, plan)
    else:
        _replace(cursor, loaded, _filled(cursor, loaded, plan))
    cursor.execute(sql.block(sql.grants()))
    cursor.connection.commit()


def _rows(cursor: Any, statement: str, *values: Any) -> list[Any]:
    cursor.execute(statement, values or None)
    found: list[Any] = cursor.fetchall()
    return found


def _copy(cursor: Any, schema: str, plan: Plan) -> None:
    """Every table in bulk, without a Python object per cell.

    The reader is closed here whatever happens: one that a broken connection holds on to keeps the
    publication's file from being opened again in this process.
    """
    with reading(plan.file) as publication:
        for table in plan.tables:
            rows = publication.sql(f"select * from {sql.quoted(table.name)}")  # noqa: S608
            with closing(rows.to_arrow_reader(ROWS_AT_ONCE)) as batches:
                for batch in batches:
                    cursor.adbc_ingest(table.name, batch, mode="append", db_schema_name=schema)


def _exchange(cursor: Any, loaded: str, plan: Plan) -> None:
    """Give the served tables the rows of the loaded ones."""
    for table in plan.tables:
        for statement in sql.exchange(loaded, table):
            cursor.execute(statement)
    cursor.execute(f"drop schema {sql.quoted(loaded)} cascade")
    _finish(cursor, sql.SCHEMA, plan)


def _finish(cursor: Any, schema: str, plan: Plan) -> None:
    """Comments, statistics for the planner, and the proof that the rows are those published."""
    cursor.execute(sql.block(sql.comments(schema, plan)))
    for table in plan.tables:
        cursor.execute(f"analyze {sql.quoted(schema)}.{sql.quoted(table.name)}")
    _verify(cursor, schema, plan)


def structure(cursor: Any, schema: str) -> tuple[Table, ...]:
    """What a schema of the database holds; empty when it is missing."""
    columns: dict[str, list[Column]] = {}
    for table, name, kind, required in _rows(cursor, sql.STRUCTURE, sql.quoted(schema)):
        columns.setdefault(table, []).append(Column(name, "", kind, required))
    keys: dict[str, tuple[str, ...]] = {}
    foreign: dict[str, list[ForeignKey]] = {}
    for table, kind, names, to, to_names in _rows(cursor, sql.CONSTRAINTS, sql.quoted(schema)):
        if kind == "p":
            keys[table] = tuple(names.split(", "))
        else:
            key = ForeignKey(tuple(names.split(", ")), to, tuple(to_names.split(", ")))
            foreign.setdefault(table, []).append(key)
    return tuple(
        Table(name, tuple(found), keys.get(name, ()), tuple(sorted(foreign.get(name, []))))
        for name, found in sorted(columns.items())
    )


def _verify(cursor: Any, schema: str, plan: Plan) -> None:
    """Read every table back and hash it as the publication's manifest does.

    Raises:
        ServingError: naming the tables of which PostgreSQL gives back something else.
    """
    with duckdb.connect() as scratch:
        wrong = [
            table.name
            for table in plan.tables
            if _hash_given_back(cursor, scratch, schema, table) != table.content_hash
        ]
    if wrong:
        raise ServingError(f"PostgreSQL does not give back what was published: {', '.join(wrong)}.")


def _hash_given_back(
    cursor: Any, scratch: duckdb.DuckDBPyConnection, schema: str, table: Table
) -> str:
    name = sql.quoted(table.name)
    columns = sql.names(column.name for column in table.columns)
    cursor.execute(f"select {columns} from {sql.quoted(schema)}.{name}")  # noqa: S608
    scratch.register("given_back", cursor.fetch_record_batch())
    cells = (
        f"{sql.quoted(c.name)}::{c.duckdb_type} as {sql.quoted(c.name)}" for c in table.columns
    )
    scratch.execute(f"create table {name} as select {', '.join(cells)} from given_back")  # noqa: S608
    scratch.unregister("given_back")
    found = content_of(scratch, table.name).content_hash
    scratch.execute(f"drop table {name}")
    return found


def _filled(cursor: Any, loaded: str, plan: Plan) -> int:
    """Finish the loaded tables and commit them, out of readers' sight; return the transaction.

    Whoever looks from then on finds rows in them, in whatever kind of transaction.
    """
    cursor.execute(sql.block(sql.keys(loaded, plan.tables)))
    _finish(cursor, loaded, plan)
    loaded_by = int(_rows(cursor, sql.TRANSACTION)[0][0])
    cursor.connection.commit()
    return loaded_by


def _replace(cursor: Any, loaded: str, loaded_by: int) -> None:
    """Put the loaded schema in the place of the served one, when nobody has that open.

    Raises:
        PostponedError: somebody has, all the while; their processes are named.
    """
    served = served_version(cursor)
    if structure(cursor, sql.SCHEMA) and not _lock_served(cursor, loaded_by):
        holders = _rows(cursor, sql.holders(loaded_by))[0][0]
        cursor.execute(f"drop schema {sql.quoted(loaded)} cascade")
        cursor.connection.commit()
        raise PostponedError(
            "Tables, columns or keys differ from those served, and open transactions keep them "
            f"from being replaced (processes {holders}). End those, or wait for the next run."
        )
    if _rows(cursor, f"select to_regnamespace('{sql.SCHEMA}')::text")[0][0]:
        cursor.execute(sql.block(sql.retire(f"{served or 'unknown'}_{int(time.time())}")))
    cursor.execute(f"alter schema {sql.quoted(loaded)} rename to {sql.SCHEMA}")
    cursor.execute(sql.drop_retired())


def _lock_served(cursor: Any, loaded_by: int) -> bool:
    for _ in range(TRIES):
        cursor.execute(sql.lock_served(TRY_MILLISECONDS, loaded_by))
        if _rows(cursor, f"select current_setting('{sql.LOCKED}')")[0][0] == "yes":
            return True
        time.sleep(TRY_MILLISECONDS / 1000)
    return False
