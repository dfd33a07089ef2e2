"""The inbox: what waits is seen, what is no report or not yet whole is left alone."""

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from orchestration import arrivals, inbox
from orchestration.definitions import defs
from orchestration.inbox import left_alone, read_waiting, waiting_examples, waiting_files
from orchestration.settings import Settings
from tests.orchestration.conftest import settings_for


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_for(tmp_path / "data")
    made.layout.prepare()
    return made


def leave(settings: Settings, name: str, content: bytes = b"x", age: float = 60) -> Path:
    path = settings.layout.inbox / name
    path.write_bytes(content)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_examples_came_in_on_days_of_their_own_whenever_they_are_taken_in(
    settings: Settings,
) -> None:
    days = {
        example.file_name: str(example.received_at)[:10] for example in waiting_examples(settings)
    }
    assert days == {
        "eksempel-0147-2023.zip": "2024-09-03",
        "eksempel-0147-2024.zip": "2025-09-02",
        "eksempel-0665-2024.zip": "2025-09-01",
        "eksempel-0751-2024-1.zip": "2025-06-23",
        "eksempel-0751-2024-2.zip": "2025-06-30",
    }


def test_files_wait_oldest_first(settings: Settings) -> None:
    newer = leave(settings, "a.xlsx", age=10)
    older = leave(settings, "b.xlsx", age=100)
    assert waiting_files(settings) == [older, newer]


@pytest.mark.parametrize(
    "name", ["~$a.xlsx", ".a.xlsx.swp", "a.xlsx.part", "a.crdownload", "a.TMP"]
)
def test_unfinished_copies_are_left_alone(settings: Settings, name: str) -> None:
    leave(settings, name)
    assert waiting_files(settings) == []


def test_folders_of_sources_and_links_are_no_reports(settings: Settings, tmp_path: Path) -> None:
    (settings.layout.inbox / "a_source").mkdir()
    leave(settings, "a_source/a.csv")
    (tmp_path / "secret").write_text("x")
    (settings.layout.inbox / "link.xlsx").symlink_to(tmp_path / "secret")
    assert waiting_files(settings) == []


def test_what_is_not_taken_in_is_told_with_its_reason(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox_folder = settings.layout.inbox
    leave(settings, "good.xlsx")
    for name in ("~$good.xlsx", "half.xlsx.part"):
        leave(settings, name)
    for name in ("a_source", "rapporter"):
        (inbox_folder / name).mkdir()
    (tmp_path / "secret").write_text("x")
    (inbox_folder / "link.xlsx").symlink_to(tmp_path / "secret")
    (inbox_folder / "dangling.xlsx").symlink_to(tmp_path / "nothing")
    os.mkfifo(inbox_folder / "pipe.xlsx")
    request = SimpleNamespace(protocol="file_drop")
    dropped = SimpleNamespace(id="a_source", request=request)
    monkeypatch.setattr(inbox, "load_sources", lambda: [dropped])
    assert left_alone(settings) == [
        ("dangling.xlsx", "a link is not followed"),
        ("half.xlsx.part", "an unfinished or hidden file, by its name"),
        ("link.xlsx", "a link is not followed"),
        ("pipe.xlsx", "no plain file"),
        ("rapporter", "a folder of no source"),
        ("~$good.xlsx", "an unfinished or hidden file, by its name"),
    ]


def test_nothing_is_left_alone_where_there_is_no_inbox(tmp_path: Path) -> None:
    assert left_alone(settings_for(tmp_path / "nothing")) == []


def test_a_file_that_is_still_being_written_waits_for_the_next_look(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = leave(settings, "whole.xlsx")
    growing = leave(settings, "growing.xlsx", age=0)
    monkeypatch.setattr(inbox.time, "sleep", lambda _seconds: growing.write_bytes(b"more"))
    assert [path for path, _arrival in read_waiting([whole, growing])] == [whole]


def test_a_file_just_finished_is_read_after_a_moment(settings: Settings) -> None:
    path = leave(settings, "a.xlsx", b"content", age=0)
    ((found, arrival),) = read_waiting([path])
    assert (found, arrival.content, arrival.extension) == (path, b"content", "xlsx")


def test_a_file_that_vanishes_is_no_trouble(settings: Settings) -> None:
    path = leave(settings, "a.xlsx")
    path.unlink()
    assert read_waiting([path]) == []


def test_examples_wait_in_the_snapshot_alone(settings: Settings, tmp_path: Path) -> None:
    assert all(arrival.is_example for arrival in waiting_examples(settings))
    assert len(waiting_examples(settings)) == 5
    live = settings_for(tmp_path / "data", KLIMAMONITOR_TRANSPORT="live")
    assert waiting_examples(live) == []


def test_examples_taken_in_do_not_wait_again(home: Path) -> None:
    assert waiting_examples(settings_for(home)) == []


def look(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(settings.layout.home))
    sensor = defs.resolve_sensor_def("inbox")
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, definitions=defs)
        return sensor.evaluate_tick(context)


def test_the_sensor_asks_for_one_run_per_state_of_the_inbox(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = look(settings, monkeypatch)
    assert not empty.run_requests
    assert "empty" in (empty.skip_message or "")
    leave(settings, "a.xlsx")
    first, again = look(settings, monkeypatch), look(settings, monkeypatch)
    assert first.run_requests
    assert again.run_requests
    assert first.run_requests[0].run_key == again.run_requests[0].run_key
    leave(settings, "b.xlsx")
    more = look(settings, monkeypatch)
    assert more.run_requests
    assert more.run_requests[0].run_key != first.run_requests[0].run_key


def test_a_decided_file_leaves_the_inbox_but_one_changed_meanwhile_stays(
    settings: Settings,
) -> None:
    decided, changed = leave(settings, "a.xlsx", b"a"), leave(settings, "b.xlsx", b"b")
    waiting = read_waiting([decided, changed])
    changed.write_bytes(b"another")
    for path, arrival in waiting:
        inbox.clear(settings, path, arrival)
    assert [path.name for path in settings.layout.inbox.iterdir()] == ["b.xlsx"]


def test_a_file_too_large_to_be_landed_goes_to_quarantine_whole(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "MOST_BYTES", 10)
    path = leave(settings, "a.xlsx", b"0123456789 and more")
    ((_path, arrival),) = read_waiting([path])
    assert arrival.content == b"0123456789"
    inbox.clear(settings, path, arrival)
    (kept,) = settings.layout.quarantine.rglob("*.xlsx")
    assert kept.read_bytes() == b"0123456789 and more"
    assert not path.exists()


def test_a_time_of_change_in_the_future_does_not_keep_a_file_waiting(settings: Settings) -> None:
    path = leave(settings, "a.xlsx", age=-3600)
    assert [found for found, _arrival in read_waiting([path])] == [path]
