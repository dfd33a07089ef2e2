"""One writer at a time, between real processes."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from warehouse.run_lock import RunInProgressError, run_lock

HOLDER = """
import sys, time
from pathlib import Path
from warehouse.run_lock import run_lock
with run_lock(Path(sys.argv[1]), "first"):
    print("held", flush=True)
    time.sleep(600)
"""


def holder(path: Path) -> subprocess.Popen[bytes]:
    """Another process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_second_process_is_refused_within_a_second_and_told_who_holds_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.lock"
    other = holder(path)
    try:
        started = time.monotonic()
        with pytest.raises(RunInProgressError) as caught, run_lock(path, "second"):
            pass
        assert time.monotonic() - started < 1
        assert f"run first, process {other.pid}" in str(caught.value)
        assert str(tmp_path) in str(caught.value)
    finally:
        other.kill()
        other.communicate()


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    other = holder(path)
    other.send_signal(signal.SIGKILL)
    other.communicate()
    with run_lock(path, "second"):
        assert path.read_text().startswith("run second")


def test_the_lock_is_let_go_after_the_run_also_when_it_failed(tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.lock"
    with pytest.raises(ValueError, match="broken"), run_lock(path, "first"):
        raise ValueError("broken")
    with run_lock(path, "second"):
        pass


def test_two_holders_in_one_process_are_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    with (
        run_lock(path, "first"),
        pytest.raises(RunInProgressError, match="run first"),
        run_lock(path, "second"),
    ):
        pass


def test_two_state_roots_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with run_lock(tmp_path / "a" / "run.lock", "a"), run_lock(tmp_path / "b" / "run.lock", "b"):
        pass
