"""Dagster's own storage in PostgreSQL, for several machines: used, and no secret is written."""

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._daemon.types import DaemonHeartbeat

from orchestration.event_log import OpenEventLog, opened_instance
from orchestration.job import prepare_dagster_home
from orchestration.settings import Settings
from orchestration.watching import daemon_seen_at
from tests.orchestration.conftest import settings_for
from tests.warehouse.postgres_server import Server, running_server, server

__all__ = ["running_server", "server"]


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """What Dagster is told does not outlive a test."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@dg.job
def nothing() -> None:
    @dg.op
    def done() -> int:
        return 1

    done()


def shared(home: Path, server: Server) -> Settings:
    settings = settings_for(home, KLIMAMONITOR_DAGSTER_POSTGRES_DSN=server.dsn())
    settings.layout.prepare()
    prepare_dagster_home(settings)
    return settings


def test_runs_and_events_lie_in_postgres(tmp_path: Path, server: Server) -> None:
    settings = shared(tmp_path, server)
    with opened_instance(settings.layout.dagster) as instance:
        assert not isinstance(instance.event_log_storage, OpenEventLog)
        result = nothing.execute_in_process(instance=instance)
        assert [run.run_id for run in instance.get_runs()] == [result.run_id]
    ((runs, events),) = server.ask(
        "select (select count(*) from runs), (select count(*) from event_logs)"
    )
    assert runs == 1
    assert events > 5
    assert not (settings.layout.dagster / "history").exists()
    text = (settings.layout.dagster / "dagster.yaml").read_text(encoding="utf-8")
    assert server.dsn() not in text
    assert "env:" in text


def test_the_daemons_sign_of_life_is_read_there(
    tmp_path: Path, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    settings = shared(tmp_path, server)
    at = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    with opened_instance(settings.layout.dagster) as instance:
        assert daemon_seen_at(settings) is None
        beat = DaemonHeartbeat(at.timestamp(), "SCHEDULER", "1")
        instance.run_storage.add_daemon_heartbeat(beat)
    assert daemon_seen_at(settings) == at
    server.stop()
    with caplog.at_level(logging.WARNING):
        assert daemon_seen_at(settings) is None
    assert "cannot be asked" in caplog.text
    server.start()


def test_a_home_goes_back_to_its_files_when_the_address_is_gone(
    tmp_path: Path, server: Server
) -> None:
    shared(tmp_path, server)
    settings = settings_for(tmp_path)
    prepare_dagster_home(settings)
    with opened_instance(settings.layout.dagster) as instance:
        assert isinstance(instance.event_log_storage, OpenEventLog)


def test_a_run_is_found_by_its_publication_and_by_whose_news_it_brought(home: Path) -> None:
    version = (home / "current").resolve().name
    with opened_instance(home / "dagster") as instance:
        wanted = dg.RunsFilter(tags={"klimamonitor/publication": version})
        (run,) = instance.get_runs(wanted)
    assert "statbank_bil54" in run.tags["klimamonitor/sources"].split(",")
    assert "0147" in run.tags["klimamonitor/municipalities"].split(",")
    assert version.startswith(run.tags["klimamonitor/run_id"][:8])
