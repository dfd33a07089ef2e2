"""No space or no memory: the run ends with 1 and says so, and readers see no change."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.machine import hint, whole_story
from tests.faults.campaign import (
    Campaign,
    Job,
    content,
    litter,
    readable,
)
from warehouse.layout import Layout

SPACE, MEMORY = "The disk is full. Free some space", "The memory is exhausted."
MEGABYTE = 1_000_000


def failed_and_recovered(campaign: Campaign, job: Job, told: str) -> str:
    """A run on a machine in trouble, then one on a sound machine; return what the first said."""
    home = campaign.copy()
    layout = Layout(home)
    before = layout.current.resolve().name
    answer = campaign.start(home, job)
    said = str(answer["said"])
    readable(layout)
    if answer["exit"] != 0 or answer["signal"]:
        assert answer["exit"] == 1, (job, answer["signal"], said[-3000:])
        assert told in said, (job, said[-3000:])
        assert "Traceback" not in said.split("{", 1)[0] or '"result": "failed"' in said, job
        after = {before, campaign.undisturbed["version"]}
        assert layout.current.resolve().name in after
    recovered = campaign.start(home, {})
    assert recovered["exit"] == 0, (job, recovered["said"][-3000:])
    assert content(layout) == campaign.undisturbed, job
    assert litter(layout) == [], job
    shutil.rmtree(home)
    return said if answer["exit"] == 1 else ""


def spread(points: Sequence[str], number: int) -> list[str]:
    """So many of the points, from the first to the last but one."""
    return [points[i * (len(points) - 1) // number] for i in range(number)]


def test_a_disk_that_fills_up_at_some_points(refreshes: Campaign) -> None:
    for point in spread(refreshes.points, 3):
        assert failed_and_recovered(refreshes, {"failpoint": f"full@{point}"}, SPACE)


def test_a_memory_that_is_exhausted_at_some_points(refreshes: Campaign) -> None:
    for point in spread(refreshes.points, 2):
        assert failed_and_recovered(refreshes, {"failpoint": f"memory@{point}"}, MEMORY)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_a_disk_that_fills_up_at_many_points(refreshes: Campaign) -> None:
    for point in spread(refreshes.points, 40):
        assert failed_and_recovered(refreshes, {"failpoint": f"full@{point}"}, SPACE), point


@pytest.mark.long
@pytest.mark.timeout(0)
def test_a_memory_that_is_exhausted_at_many_points(refreshes: Campaign) -> None:
    for point in spread(refreshes.points, 20):
        assert failed_and_recovered(refreshes, {"failpoint": f"memory@{point}"}, MEMORY), point


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system of so many bytes."""
    folder.mkdir()
    asked = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        subprocess.run(asked, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("file systems cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def size_of(root: Path) -> int:
    """Bytes that a root takes on a file system of 4096-byte pages."""
    found = (path.lstat() for path in root.rglob("*"))
    return sum(-(-max(state.st_size, 1) // 4096) * 4096 for state in found)


def on_a_small_disk(campaign: Campaign, folder: Path, free: int) -> str:
    """A run with so many bytes free; once there is space, the next one ends as if undisturbed."""
    with small_disk(folder, size_of(campaign.root) + free) as disk:
        home = Path(shutil.copytree(campaign.root, disk / "data", symlinks=True))
        before = Layout(home).current.resolve().name
        answer = campaign.start(home, {})
        if answer["exit"] == 0:
            return ""
        assert answer["exit"] == 1, answer
        assert SPACE in answer["said"], answer["said"][-3000:]
        assert Layout(home).current.resolve().name == before
        readable(Layout(home))
        subprocess.run(["mount", "-o", "remount,size=1g", str(disk)], check=True)
        recovered = campaign.start(home, {})
        assert recovered["exit"] == 0, recovered["said"][-3000:]
        assert content(Layout(home)) == campaign.undisturbed
        assert litter(Layout(home)) == []
    return str(answer["said"])


def test_a_full_disk_is_told_apart_from_a_broken_one(tmp_path: Path) -> None:
    told = "(sqlite3.OperationalError) disk I/O error"
    with small_disk(tmp_path / "disk", 100_000) as disk:
        assert SPACE in str(hint(told, disk))
    assert "cannot be written" in str(hint(told, tmp_path))


def test_what_breaks_while_tidying_up_hides_no_exhausted_memory(tmp_path: Path) -> None:
    broken = AttributeError("'DummyProcess' object has no attribute 'terminate'")
    broken.__context__ = RuntimeError("can't start new thread")
    assert MEMORY in str(hint(whole_story(broken), tmp_path))


def test_a_small_disk(refreshes: Campaign, tmp_path: Path) -> None:
    assert on_a_small_disk(refreshes, tmp_path / "disk", 3 * MEGABYTE)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_disks_of_many_sizes(refreshes: Campaign, tmp_path: Path) -> None:
    sizes = [round(0.05 * MEGABYTE * 1.35**n) for n in range(20)]
    failed = [n for n in sizes if on_a_small_disk(refreshes, tmp_path / f"disk-{n}", n)]
    assert failed[:8] == sizes[:8]


@pytest.mark.long
@pytest.mark.timeout(0)
def test_machines_of_many_sizes(refreshes: Campaign) -> None:
    """Memory as the run really meets it: so many bytes beyond what its imports take."""
    failed = []
    for number in range(10):
        job = {"bytes_of_memory": round(8 * MEGABYTE * 1.7**number)}
        failed += [job] if failed_and_recovered(refreshes, job, MEMORY) else []
    assert failed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_disk_that_cannot_be_written(refreshes: Campaign, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", size_of(refreshes.root) + 100 * MEGABYTE) as disk:
        home = Path(shutil.copytree(refreshes.root, disk / "data", symlinks=True))
        before = Layout(home).current.resolve().name
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        answer = refreshes.start(home, {})
        assert answer["exit"] == 1
        assert "cannot be written" in answer["said"]
        assert "Readers see what they saw before" in answer["said"]
        assert Layout(home).current.resolve().name == before
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert refreshes.start(home, {})["exit"] == 0
        assert content(Layout(home)) == refreshes.undisturbed
