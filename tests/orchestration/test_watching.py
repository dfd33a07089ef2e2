"""A schedule that stopped, a daemon gone silent, a run without end: told from outside."""

import json
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration import watching
from orchestration.alerts import tell_after_run
from orchestration.cli import main
from orchestration.settings import Settings, load_settings
from orchestration.watching import Limits, watch
from tests.orchestration.test_alerts import Hook, ended, hook, settings
from warehouse.run_lock import holder, run_lock

__all__ = ["hook", "settings"]


def later(settings: Settings, hours: float) -> Settings:
    return replace(settings, as_of=settings.now() + timedelta(hours=hours))


def test_a_schedule_that_stopped_is_told_within_its_interval_and_once(
    settings: Settings, hook: Hook
) -> None:
    ended(settings, "published")
    assert watch(later(settings, 25), Limits())["is_well"]
    for hours in (27, 28, 50):
        assert not watch(later(settings, hours), Limits())["is_well"]
    assert hook.keys() == [[("scheduler", "raised")]]
    assert "ingen kørsel er begyndt siden 24-11-2026 kl. 02.30" in hook.posts[0]["text"]
    back = later(settings, 51)
    ended(back, "unchanged")
    tell_after_run(back)
    assert hook.keys()[1:] == [[("scheduler", "recovered")]]


def test_a_schedule_that_never_ran_is_told(settings: Settings, hook: Hook) -> None:
    assert not watch(settings, Limits())["is_well"]
    assert "ingen kørsel er begyndt endnu" in hook.posts[0]["text"]


def test_a_run_that_takes_too_long_is_told_and_is_no_stopped_schedule(
    settings: Settings, hook: Hook
) -> None:
    with run_lock(settings.layout.run_lock, "20261124T013000-0a1b2c3d"):
        assert holder(settings.layout.run_lock) == "20261124T013000-0a1b2c3d"
        assert watch(later(settings, 5), Limits())["is_well"]
        assert not watch(later(settings, 7), Limits())["is_well"]
    assert holder(settings.layout.run_lock) is None
    assert hook.keys() == [[("stuck", "raised")]]
    ended(later(settings, 8), "published")
    tell_after_run(later(settings, 8))
    assert hook.keys() == [[("stuck", "raised")]], "only a look from outside knows"
    assert watch(later(settings, 9), Limits())["is_well"]
    assert hook.keys()[1:] == [[("stuck", "recovered")]]


def heartbeat(settings: Settings, at: datetime) -> None:
    """As Dagster's daemon leaves one in its SQLite storage."""
    path = settings.layout.dagster / "history" / "runs.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("create table if not exists daemon_heartbeats (timestamp)")
        connection.execute("delete from daemon_heartbeats")
        written = at.replace(tzinfo=None).isoformat(" ")
        connection.execute("insert into daemon_heartbeats values (?)", [written])


@pytest.mark.parametrize(
    ("silent", "is_well"),
    [
        (timedelta(minutes=1), True),
        (timedelta(minutes=6), False),
        (timedelta(days=3), False),
        (timedelta(days=8), True),
    ],
    ids=["alive", "just stopped", "stopped", "no longer used"],
)
def test_a_daemon_without_a_sign_of_life_is_told(
    settings: Settings, hook: Hook, silent: timedelta, *, is_well: bool
) -> None:
    live = replace(settings, as_of=None)
    ended(live, "published")
    heartbeat(live, live.now() - silent)
    assert watch(live, Limits())["is_well"] is is_well
    assert bool(hook.posts) is not is_well


def test_the_command_ends_with_what_it_found(
    tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(tmp_path))
    monkeypatch.setenv("KLIMAMONITOR_ALERT_WEBHOOK", hook.url)
    answer = CliRunner().invoke(main, ["watch", "--json"])
    assert answer.exit_code == 1
    found = json.loads(answer.output)
    assert found["told"] == [{"key": "scheduler", "event": "raised", "failed": []}]
    ended(load_settings({"KLIMAMONITOR_HOME": str(tmp_path)}), "unchanged")
    answer = CliRunner().invoke(main, ["watch"])
    assert answer.exit_code == 0
    assert "schedule alive" in answer.output


def test_looking_is_light() -> None:
    import subprocess
    import sys

    program = f"import sys, {watching.__name__}; print(*sys.modules)"
    asked = [sys.executable, "-c", program]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert not {"dagster", "dbt", "great_expectations", "pandas"} & set(done.stdout.split())
