"""Points where a run can be made to fail: nothing while unarmed, exact when armed."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.settings import SettingsError, load_settings
from warehouse import durable
from warehouse.failpoints import armed, failpoint, plan, step

DIES = """
import sys
from pathlib import Path
from warehouse.durable import write_bytes
from warehouse.failpoints import armed, plan
with armed(plan("kill@rename:before#2")):
    for number in range(3):
        write_bytes(Path(sys.argv[1]) / str(number), b"x")
"""


def test_nothing_happens_while_nothing_is_armed(tmp_path: Path) -> None:
    failpoint("rename:before")
    durable.write_bytes(tmp_path / "file", b"x")
    assert (tmp_path / "file").read_bytes() == b"x"


def test_a_process_is_killed_at_the_planned_pass(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", DIES, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    names = sorted(path.name for path in tmp_path.iterdir() if path.name.isdigit())
    assert names == ["0"]


@pytest.mark.parametrize(("text", "passes"), [("full@a:after#2", 2), ("full@#3", 1)])
def test_a_full_disk_is_raised_at_the_planned_pass(text: str, passes: int) -> None:
    done: list[int] = []

    def work() -> None:
        for number in range(5):
            with step("a"):
                done.append(number)

    with armed(plan(text)), pytest.raises(OSError, match="No space left") as caught:
        work()
    assert caught.value.errno == errno.ENOSPC
    assert len(done) == passes


def test_an_exhausted_memory_is_raised_once_and_not_after() -> None:
    with armed(plan("memory@b#1")):
        failpoint("a")
        with pytest.raises(MemoryError, match="planned at b"):
            failpoint("b")
        failpoint("b")
    failpoint("b")


def test_every_point_of_a_durable_write_is_recorded(tmp_path: Path) -> None:
    with armed(plan(f"record@{tmp_path / 'names'}")):
        durable.write_bytes(tmp_path / "file", b"x")
    kinds = ["write", "fsync", "rename", "fsync_folder"]
    names = (tmp_path / "names").read_text().split()
    assert names == [f"{kind}:{when}" for kind in kinds for when in ("before", "after")]


@pytest.mark.parametrize(
    "text", ["kill", "kill@rename", "kill@rename#0", "burn@a#1", "record@here", "kill@A b#1"]
)
def test_what_is_no_plan_is_refused_by_the_settings(text: str) -> None:
    with pytest.raises(SettingsError, match="KLIMAMONITOR_FAILPOINT"):
        load_settings({"KLIMAMONITOR_FAILPOINT": text})


def test_without_the_variable_no_point_is_armed() -> None:
    assert load_settings({}).failpoint is None
    assert load_settings({"KLIMAMONITOR_FAILPOINT": ""}).failpoint is None
