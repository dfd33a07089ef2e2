"""Named points of a run where a test can make it fail; off unless a run was told otherwise.

A point is passed before and after every write, fsync, rename and step that changes what is kept.
While nothing is armed, passing one costs a single comparison.
"""

import errno
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

TEXT = re.compile(
    r"(?P<action>kill|full|memory)@(?P<name>[a-z_]*(?::(?:before|after))?)#(?P<pass>[1-9]\d*)"
    r"|record@(?P<path>/.+)"
)


@dataclass
class Plan:
    """What happens, and at which pass of which point; an empty name means any point."""

    action: str
    name: str = ""
    number: int = 0
    path: Path = Path()
    passes: "count[int]" = field(default_factory=lambda: count(1))

    def passed(self, name: str) -> None:
        """Do what is planned for this pass; dbt passes from two threads, so the count is atomic."""
        if self.action == "record":
            with self.path.open("a", encoding="utf-8") as handle:
                handle.write(f"{name}\n")
        elif self.name in ("", name) and next(self.passes) == self.number:
            self._strike(name)

    def _strike(self, name: str) -> None:
        if self.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.action == "full":
            raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)} (planned at {name})")
        raise MemoryError(f"planned at {name}")


_armed: Plan | None = None


def plan(text: str) -> Plan:
    """Read a plan: ``kill@NAME#N``, ``full@NAME#N``, ``memory@NAME#N`` or ``record@/path``.

    ``kill`` ends the process with SIGKILL at the N-th pass of NAME, ``full`` raises a full disk,
    ``memory`` an exhausted memory; ``record`` appends every name that is passed to a file.

    Raises:
        ValueError: the text is none of these.
    """
    found = TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no plan such as kill@rename:before#3 or record@/path")
    if found["path"]:
        return Plan("record", path=Path(found["path"]))
    return Plan(found["action"], found["name"], int(found["pass"]))


@contextmanager
def armed(planned: Plan | None) -> Iterator[None]:
    """Let points act as planned while this lasts."""
    global _armed
    before, _armed = _armed, planned
    try:
        yield
    finally:
        _armed = before


def failpoint(name: str) -> None:
    """Pass a point."""
    if _armed is not None:
        _armed.passed(name)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Pass a point before something is done and another one after it succeeded."""
    failpoint(f"{name}:before")
    yield
    failpoint(f"{name}:after")
