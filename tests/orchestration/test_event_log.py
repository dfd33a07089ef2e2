"""Dagster's event log is the same to everybody else, also while a run holds it open."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from orchestration.event_log import OpenEventLog, opened_instance

LOOKS = 10
# What the web server does: another process, Dagster's own storage, the whole story again and again.
READER = f"""
import sys, time
from dagster import DagsterInstance
with DagsterInstance.from_config(sys.argv[1]) as instance:
    assert type(instance.event_log_storage).__name__ == "SqliteEventLogStorage"
    seen = []
    while len(seen) < {LOOKS}:
        runs = instance.get_runs()
        seen.append(sum(len(instance.all_logs(run.run_id)) for run in runs))
        time.sleep(0.1)
assert seen == sorted(seen), seen
print(seen[-1])
"""


@dg.asset
def number() -> int:
    return 1


@dg.asset
def other(number: int) -> int:
    return number + 1


def run_once(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return dg.materialize([number, other], instance=instance)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    return tmp_path


def test_the_web_server_reads_the_whole_story_of_a_run(home: Path) -> None:
    with opened_instance(home) as instance:
        assert isinstance(instance.event_log_storage, OpenEventLog)
        run = run_once(instance)
    with dg.DagsterInstance.from_config(str(home)) as reader:
        written = [event.dagster_event_type for event in reader.all_logs(run.run_id)]
        assert written.count(dg.DagsterEventType.ASSET_MATERIALIZATION) == 2
        assert dg.DagsterEventType.RUN_SUCCESS in written
        latest = reader.get_latest_materialization_event(dg.AssetKey("other"))
        assert latest is not None
        assert latest.run_id == run.run_id


def test_others_read_while_it_is_written(home: Path) -> None:
    with opened_instance(home) as instance:
        run_once(instance)
        command = [sys.executable, "-c", READER, str(home)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader:
            while reader.poll() is None:
                run_once(instance)
            told, wrong = reader.communicate()
    assert reader.returncode == 0, wrong.decode()[-2000:]
    assert int(told) > 0


def test_its_files_are_whole_when_it_is_closed(home: Path) -> None:
    with opened_instance(home) as instance:
        run_once(instance)
    assert not list(home.rglob("*-wal"))
