"""One writer at a time: a lock that the operating system drops when its process dies."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HELD_BY = re.compile(r"run (?P<run>[0-9]{8}T[0-9]{6}-[0-9a-f]+), process (?P<process>[0-9]+)")


class RunInProgressError(RuntimeError):
    """Another run holds the state root."""


@contextmanager
def run_lock(path: Path, run_id: str) -> Iterator[None]:
    """Hold the state root, or refuse at once.

    Raises:
        RunInProgressError: another process holds it; the message names its run.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise RunInProgressError(
                f"Another run is writing to {path.parent} ({holder}). Wait for it to end."
            ) from error
        handle.truncate(0)
        handle.write(f"run {run_id}, process {os.getpid()}\n")
        handle.flush()
        yield


def holder(path: Path) -> str | None:
    """The run that holds the state root now; None when nobody does.

    The lock is tried only while its process lives, so that looking never refuses a run.
    """
    if not path.exists():
        return None
    with path.open(encoding="utf-8") as handle:
        found = HELD_BY.match(handle.read())
        if found is None or not Path(f"/proc/{found['process']}").exists():
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return found["run"]
    return None
