"""Random lives of a state root: what readers saw on each day is what a naive list of days says.

Publishing, dying at each step of it, pointing back, moving the pointer by hand, pinning and the
passing of days, against dictionaries of what was published and seen.
"""

import os
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.keeping import (
    history_after_publishing,
    pin_version,
    publications_report,
    put_right_at_start,
    rollback_to,
    unpin_version,
)
from orchestration.settings import Settings
from tests.orchestration.conftest import settings_for
from tests.warehouse.kept import Content, cell, lay_down, made, spoil, values_in, write_row
from warehouse.as_of import NotKnownError, seen_on
from warehouse.days import COPENHAGEN
from warehouse.layout import Layout
from warehouse.pointer_log import current_on
from warehouse.publications import DamagedError, absence, point_current_at

BEGIN = datetime(2026, 1, 20, 22, 30, tzinfo=UTC)
ONE, TWO, THREE = cell("0101", 2024), cell("0101", 2025), cell("0860", 2025)
CONTENTS: list[tuple[Content, str]] = [
    ({ONE: 1.0, TWO: 2.0, THREE: None}, ""),
    ({ONE: 1.0, TWO: 2.5, THREE: None}, ""),
    ({ONE: None, TWO: 2.5}, ""),
    ({ONE: 1.0, TWO: 2.0, THREE: 0.0}, ", is_corrected boolean default false"),
    ({THREE: -3.0}, ", is_corrected boolean default false"),
]
HOW_MANY, HOW_MANY_LONG = 200, 10_000
DEATHS = ("none", "none", "before pointer", "before row", "before record", "spoilt")


@dataclass(frozen=True)
class Step:
    """One thing that happens, ``days`` and an hour after the one before."""

    what: str
    which: int
    days: int
    death: str = "none"


STEPS = st.builds(
    Step,
    st.sampled_from(
        ["publish", "publish", "publish", "start", "rollback", "by hand", "pin", "unpin"]
    ),
    st.integers(0, 9),
    st.sampled_from([0, 0, 1, 3, 20, 36]),
    st.sampled_from(DEATHS),
)


@dataclass
class Life:
    """A state root and, beside it, the naive record of what happened to it."""

    home: Path
    templates: list[Path]
    now: datetime = BEGIN
    contents: dict[str, Content] = field(default_factory=dict)
    made_on: dict[str, date] = field(default_factory=dict)
    seen: list[tuple[date, str]] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    pinned: set[str] = field(default_factory=set)
    spoilt: set[str] = field(default_factory=set)
    orphans: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    moved_to: tuple[date, str] | None = None

    @property
    def settings(self) -> Settings:
        return settings_for(self.home, KLIMAMONITOR_AS_OF=self.now.isoformat())

    @property
    def layout(self) -> Layout:
        return Layout(self.home)

    @property
    def day(self) -> date:
        return self.now.astimezone(COPENHAGEN).date()

    def live(self, step: Step) -> None:
        self.now += timedelta(days=step.days, hours=1)
        if step.what == "publish":
            self.publish(step)
        elif step.what == "start":
            self.start()
        elif self.folders:
            version = self.folders[step.which % len(self.folders)]
            {
                "rollback": self.roll_back,
                "by hand": self.move_by_hand,
                "pin": self.pin,
                "unpin": self.unpin,
            }[step.what](version)

    def publish(self, step: Step) -> None:
        self.start()
        which = step.which % len(CONTENTS)
        new = lay_down(self.layout, self.templates[which], self.now)
        self.folders.append(new.version)
        self.contents[new.version] = CONTENTS[which][0]
        self.made_on[new.version] = self.day
        if step.death == "spoilt":
            spoil(self.layout, new.version)
            self.spoilt.add(new.version)
        if step.death == "before pointer":
            self.orphans.append(new.version)
            return
        self.point_at(new.version)
        self.moved_to = (self.day, new.version)
        if step.death == "before row":
            self.orphans.append(new.version)
            return
        write_row(self.layout, new)
        self.published.append(new.version)
        if step.death == "before record":
            return
        self.notice()
        history_after_publishing(self.settings)
        self.delete_what_nothing_keeps()

    def start(self) -> None:
        self.notice()
        put_right_at_start(self.settings, "run-start")
        if self.orphans:
            self.see(self.orphans[-1])
        elif self.seen and self.seen[-1][1] in self.spoilt:
            whole = [v for v in self.published if v in self.folders and v not in self.spoilt]
            self.see(*whole[-1:])
        self.published += self.orphans
        self.orphans.clear()
        self.stamp()

    def see(self, *versions: str) -> None:
        for version in versions:
            if not self.seen or self.seen[-1][1] != version:
                self.seen.append((self.day, version))

    def roll_back(self, version: str) -> None:
        self.notice()
        if version in self.spoilt:
            with pytest.raises(DamagedError):
                rollback_to(self.settings, version)
            return
        rollback_to(self.settings, version)
        self.stamp()
        self.see(version)

    def move_by_hand(self, version: str) -> None:
        """Only what nobody else has just moved: two moves between two starts are one."""
        if self.moved_to is None and not self.orphans and self.seen:
            self.point_at(version)
            self.moved_to = (self.day, version)

    def pin(self, version: str) -> None:
        pin_version(self.settings, version, "quoted by a paper", "somebody")
        self.pinned.add(version)

    def unpin(self, version: str) -> None:
        if version in self.pinned:
            unpin_version(self.settings, version, None)
            self.pinned.remove(version)

    def notice(self) -> None:
        """A move that nobody noted is seen by the next who looks."""
        if self.moved_to and [self.moved_to[1]] != [version for _, version in self.seen[-1:]]:
            self.seen.append(self.moved_to)
        self.moved_to = None

    def point_at(self, version: str) -> None:
        point_current_at(self.layout, version)
        self.stamp()

    def stamp(self) -> None:
        """The pointer's own time follows the clock of this life."""
        if self.layout.current.is_symlink():
            seconds = self.now.timestamp()
            os.utime(self.layout.current, (seconds, seconds), follow_symlinks=False)

    def delete_what_nothing_keeps(self) -> None:
        last = {}
        for version in self.folders:
            last[self.made_on[version].strftime("%Y-%m")] = version
        for version in list(self.folders):
            is_young = (self.day - self.made_on[version]).days < 35
            kept = {*last.values(), *self.pinned, *self.spoilt, self.seen[-1][1]}
            if not is_young and version not in kept:
                self.folders.remove(version)

    def compare(self) -> None:
        """Every day from the eve of the first to today, and every folder."""
        assert {path.name for path in self.layout.publications.iterdir()} == set(self.folders)
        listed = {p["version"]: p for p in publications_report(self.settings)}
        assert {v for v, p in listed.items() if p["pinned"]} == self.pinned
        for version in self.contents.keys() - set(self.folders):
            assert "by the retention rules" in absence(self.layout, version)
        read: set[str] = set()
        day = BEGIN.astimezone(COPENHAGEN).date() - timedelta(days=1)
        while day <= self.day:
            self.compare_day(day, read)
            day += timedelta(days=1)

    def compare_day(self, day: date, read: set[str]) -> None:
        seen = [version for seen_from, version in self.seen if seen_from <= day]
        noted = current_on(self.layout, day)
        assert (noted and noted["version"]) == (seen[-1] if seen else None), (day, self.seen)
        if noted is None:
            with pytest.raises(NotKnownError):
                seen_on(self.layout, day, self.day)
        elif noted["version"] not in read:
            read.add(noted["version"])
            for sql in seen_on(self.layout, day, self.day).sql.values():
                assert values_in(sql) == self.contents[noted["version"]]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return made(tmp_path_factory.mktemp("templates"), CONTENTS)


def lived(templates: list[Path], steps: list[Step], folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as home:
        life = Life(Path(home) / "data", templates)
        life.layout.prepare()
        for step in steps:
            life.live(step)
        life.now += timedelta(hours=1)
        life.start()
        life.compare()


def campaign(how_many: int, longest: int, templates: list[Path], folder: Path) -> None:
    @settings(
        max_examples=how_many,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(STEPS, min_size=1, max_size=longest))
    def check(steps: list[Step]) -> None:
        lived(templates, steps, folder)

    check()


def test_two_hundred_lives(templates: list[Path], tmp_path: Path) -> None:
    campaign(HOW_MANY, 5, templates, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_ten_thousand_lives(templates: list[Path], tmp_path: Path) -> None:
    campaign(HOW_MANY_LONG, 12, templates, tmp_path)
