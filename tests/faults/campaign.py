"""Runs that are killed, and what must hold after each kill and after the next undisturbed run."""

import random
import re
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import duckdb

from tests.faults.fork_server import Answer, ForkServer
from warehouse.damage import damage_of
from warehouse.durable import TEMPORARY
from warehouse.layout import Layout
from warehouse.publications import DATABASE, current_manifest, versions

FIRST = "2026-11-24T02:30:00+01:00"
NEXT = "2026-11-25T02:30:00+01:00"
# Runs differ by their id, and that stands in the log; the rest of the log is compared.
LOG = "publication_log"
LOG_ROWS = f"select * exclude (run_id) from {LOG} order by all"
Job = dict[str, Any]
Start = Callable[[Path, Job], Answer]


class Reader(threading.Thread):
    """Somebody who looks at the publication all the time."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(daemon=True)
        self.layout, self.over = layout, threading.Event()
        self.seen: set[str] = set()
        self.faults: list[str] = []

    def run(self) -> None:
        while not self.over.wait(0.05):
            self.look()

    def look(self) -> None:
        folder = self.layout.current.resolve()
        self.faults += damage_of(folder)
        self.seen.add(folder.name)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.join()


@dataclass
class Campaign:
    """One scenario: a state root with news, a way to run it, and the undisturbed outcome."""

    start: Start
    root: Path
    folder: Path
    undisturbed: dict[str, Any] = field(default_factory=dict)
    points: tuple[str, ...] = ()
    killed: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def prepare(self) -> Self:
        """Run once undisturbed, recording every point that is passed."""
        home, names = self.copy(), self.folder / "points"
        names.unlink(missing_ok=True)
        answer = self.start(home, {"failpoint": f"record@{names}"})
        assert answer["exit"] == 0, answer["said"][-3000:]
        self.undisturbed = content(Layout(home))
        passes: Counter[str] = Counter()
        points = []
        for name in names.read_text().splitlines():
            passes[name] += 1
            points.append(f"{name}#{passes[name]}")
        self.points = tuple(points)
        shutil.rmtree(home)
        return self

    def copy(self) -> Path:
        self.number += 1
        home = self.folder / f"home-{self.number}"
        return Path(shutil.copytree(self.root, home, symlinks=True))

    def chain(self, jobs: Iterable[Job]) -> int:
        """Kill one run after another on the same root, then let one run end; return the kills."""
        home, kills = self.copy(), 0
        layout = Layout(home)
        with Reader(layout) as reader:
            for job in jobs:
                answer = self.start(home, job)
                if answer["signal"] == signal.SIGKILL:
                    kills += 1
                    self.killed[kind_of(job)] += 1
                    readable(layout)
                else:
                    assert answer["exit"] == 0, (job, answer["said"][-3000:])
            answer = self.start(home, {})
            assert answer["exit"] == 0, (list(jobs), answer["said"][-3000:])
            reader.look()
        assert reader.faults == [], list(jobs)
        assert len(reader.seen) <= 2, (list(jobs), reader.seen)
        assert litter(layout) == [], list(jobs)
        assert content(layout) == self.undisturbed, list(jobs)
        shutil.rmtree(home)
        return kills


def kind_of(job: Job) -> str:
    found = re.match(r"kill@([a-z_]*)", job.get("failpoint") or "")
    return found[1] if found else "any moment"


def readable(layout: Layout) -> None:
    """What readers see now is whole, and its tables are those of its manifest."""
    assert damage_of(layout.current) == ()
    manifest = current_manifest(layout)
    assert manifest is not None
    with duckdb.connect(str(layout.current / DATABASE), read_only=True) as file:
        for table, counted in manifest["tables"].items():
            ((rows,),) = file.execute(f'select count(*) from "{table}"').fetchall()
            assert rows == counted["rows"], table


def litter(layout: Layout) -> list[str]:
    """What a dead run leaves and the next one must remove."""
    left = [*layout.home.rglob(f"{TEMPORARY}*"), *layout.builds.iterdir()]
    left += layout.publications.rglob("*.wal")
    whole = {manifest["version"] for manifest in versions(layout)}
    left += [path for path in layout.publications.iterdir() if path.name not in whole]
    return [path.relative_to(layout.home).as_posix() for path in left]


def content(layout: Layout) -> dict[str, Any]:
    """The content hashes of what readers see, the log without the ids of runs."""
    manifest = current_manifest(layout)
    assert manifest is not None
    tables = {name: entry for name, entry in manifest["tables"].items() if name != LOG}
    log = []
    if LOG in manifest["tables"]:
        with duckdb.connect(str(layout.current / DATABASE), read_only=True) as file:
            log = file.execute(LOG_ROWS).fetchall()
    return {"tables": tables, "log": log, "version": manifest["version"]}


def refresh_with(server: ForkServer, as_of: str = NEXT) -> Start:
    """The real command on a state root."""
    return lambda home, job: server.run(home, as_of, **job)


def with_news(home: Path) -> Path:
    """Forget two sources, as if they had never been asked: the next run takes them in."""
    for source in ("statbank_laby25", "statbank_bol102"):
        for part in ("landing", "accepted"):
            shutil.rmtree(home / part / source)
        (home / "outcomes" / f"{source}.jsonl").unlink()
    return home


def first_root(server: ForkServer, home: Path) -> Path:
    """A state root with one publication."""
    answer = server.run(home, FIRST)
    assert answer["exit"] == 0, answer["said"][-3000:]
    return home


def at_points(points: Sequence[str]) -> list[Job]:
    """A kill at each of these points."""
    return [{"failpoint": f"kill@{point}"} for point in points]


def at_random_times(chance: random.Random, number: int, seconds: float) -> list[Job]:
    """Kills at any moment of a run that takes so long."""
    return [{"kill_after": chance.uniform(0.02, seconds)} for _ in range(number)]


def in_chains(jobs: Sequence[Job], length: int) -> list[list[Job]]:
    """So many kills in a row on one root."""
    return [list(jobs[i : i + length]) for i in range(0, len(jobs), length)]
