"""Dagster's event log while a run writes it: the same files, opened once.

Dagster's own way opens, commits and closes a connection for each of about 2,500 statements; every
close folds SQLite's write-ahead log into the file and every engine compiles its SQL anew: a third
of a run. What a power cut could lose is Dagster's story of the last moments; the publication does
not depend on it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster import DagsterInstance
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool


class OpenEventLog(SqliteEventLogStorage):
    """Dagster's SQLite event log with one connection a file, closed with the instance."""

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "OpenEventLog":
        """As Dagster makes it from its configuration."""
        return cls(inst_data=inst_data, **config_value)

    @cached_property
    def _engines(self) -> dict[str, Engine]:
        return {}

    @cached_property
    def _tables(self) -> set[str]:
        return set()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard not in self._engines:
                self._engines[shard] = self._opened(shard)
            with self._engines[shard].connect() as connection, connection.begin():
                yield connection

    def _opened(self, shard: str) -> Engine:
        wait = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
        address = self.conn_string_for_shard(shard)
        engine = create_engine(address, poolclass=StaticPool, connect_args=wait)
        self._initdb(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("pragma synchronous = normal")
        return engine

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table; asked twice for every event, and none is ever dropped."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def dispose(self) -> None:
        """Close the files; SQLite folds their logs in."""
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()


def opened_instance(home: Path) -> DagsterInstance:
    """The instance of a Dagster home, its event log held open until it is disposed of.

    Where Dagster keeps its storage in PostgreSQL, it is as Dagster makes it.
    """
    settings = home / "dagster.yaml"
    if settings.exists() and "postgres" in settings.read_text(encoding="utf-8"):
        return DagsterInstance.from_config(str(home))
    log = {
        "module": __name__,
        "class": OpenEventLog.__name__,
        "config": {"base_dir": str(home / "history" / "runs")},
    }
    return DagsterInstance.from_ref(
        InstanceRef.from_dir(str(home), overrides={"event_log_storage": log})
    )
