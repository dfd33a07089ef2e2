"""A year of nights without people: every morning something whole is there, and it says how old."""

import json
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from ingestion.declaration import load_providers
from ingestion.snapshot.storage import FILE_DROP
from orchestration.watching import Limits, watch
from tests.faults.campaign import litter, readable
from tests.faults.fork_server import ForkServer
from tests.faults.year import Year, apply, moment, plan
from tests.orchestration.conftest import settings_for
from tests.orchestration.test_alerts import Hook, hook
from tests.orchestration.test_live import HEAT_MIX, leave
from tests.providers.server import Providers
from warehouse import outcomes
from warehouse.layout import Layout
from warehouse.publications import versions

__all__ = ["hook"]

START, SEED = date(2026, 11, 24), 20261124
GOOD = {"published", "unchanged", "held"}


@dataclass
class Lived:
    """What a simulated span came to."""

    results: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    sizes: list[Counter[str]] = field(default_factory=list)
    not_well: list[int] = field(default_factory=list)
    publications: list[int] = field(default_factory=list)


class Simulation:
    """A state root, providers that live their own life, and somebody to be told."""

    def __init__(self, home: Path, server: ForkServer, providers: Providers, hook: Hook) -> None:
        self.home, self.server, self.providers = home, server, providers
        self.layout, self.year, self.lived = Layout(home), Year(), Lived()
        self.chance = random.Random(SEED)
        for provider in ("statbank", "energidataservice"):
            providers.add(provider, partial(self.year.answer, provider))
        self.variables = {
            "KLIMAMONITOR_TRANSPORT": "live",
            **providers.variables,
            "KLIMAMONITOR_KLIMAREGNSKABET_KEY": "a key",
            "KLIMAMONITOR_ALERT_WEBHOOK": hook.url,
        }
        leave(home, next((FILE_DROP / HEAT_MIX).glob("*.csv")).read_bytes())

    def live(self, nights: int) -> Lived:
        """Night after night, and every morning a look from outside and one as a reader."""
        for number, night in enumerate(plan(nights, SEED)):
            day = moment(START, number, 6).date()
            apply(self.year, self.providers, night, day, self.chance)
            before = len(self.providers.requests)
            if not night.is_skipped:
                self.run(number, is_killed=night.is_killed)
            self.count_requests(number, before)
            self.morning(number)
        return self.lived

    def run(self, number: int, *, is_killed: bool) -> None:
        """One night's run, which ends well, openly held, or not at all."""
        at = moment(START, number, 1).isoformat()
        job = {"kill_after": 2.0} if is_killed else {}
        answer = self.server.run(self.home, at, variables=self.variables, **job)
        if answer["signal"] == signal.SIGKILL:
            self.lived.killed += 1
            return
        last = outcomes.runs(self.layout)[-1]
        assert last["result"] in GOOD, (number, answer["said"][-3000:])
        assert answer["exit"] == (3 if last["result"] == "held" else 0), answer["said"][-3000:]
        assert litter(self.layout) in ([], [f"builds/{last['run_id']}"])
        self.lived.results[last["result"]] += 1

    def count_requests(self, number: int, before: int) -> None:
        """Nobody was asked more often than is allowed on a day."""
        for provider, count in Counter(
            seen.provider for seen in self.providers.requests[before:]
        ).items():
            assert count <= load_providers()[provider].requests_per_day, (number, provider, count)
            self.lived.requests[provider] = max(self.lived.requests.get(provider, 0), count)

    def morning(self, number: int) -> None:
        """What readers see is whole; the watchdog looks; the disk is measured."""
        readable(self.layout)
        at = moment(START, number, 6).isoformat()
        settings = settings_for(self.home, **self.variables, KLIMAMONITOR_AS_OF=at)
        if not watch(settings, Limits())["is_well"]:
            self.lived.not_well.append(number)
        sizes: Counter[str] = Counter()
        for path in self.home.rglob("*"):
            sizes[path.relative_to(self.home).parts[0]] += path.stat().st_size * path.is_file()
        self.lived.sizes.append(sizes)
        self.lived.publications.append(len(versions(self.layout)))


def require_each_told_once(hook: Hook) -> Counter[str]:
    """Raised, then recovered, never twice in a row; returns how often each matter was raised."""
    is_open: set[str] = set()
    raised: Counter[str] = Counter()
    for key, event in (told for post in hook.keys() for told in post):  # noqa: SIM118
        assert (key in is_open) == (event == "recovered"), (key, event)
        (is_open.discard if event == "recovered" else is_open.add)(key)
        raised[key] += event == "raised"
    return raised


def test_the_first_weeks(server: ForkServer, home: Path, providers: Providers, hook: Hook) -> None:
    lived = Simulation(home, server, providers, hook).live(14)
    assert lived.killed == 1
    assert lived.results["published"] >= 3
    assert lived.results["unchanged"] >= 4
    assert lived.not_well == [4, 7, 8, 9], (
        "no run for more than 26 hours: one died, three never were"
    )
    assert require_each_told_once(hook)["scheduler"] == 2


@pytest.mark.long
@pytest.mark.timeout(0)
def test_a_year_of_nights(
    server: ForkServer, home: Path, providers: Providers, hook: Hook, tmp_path: Path
) -> None:
    lived = Simulation(home, server, providers, hook).live(365)
    assert lived.killed == 2
    assert sum(lived.results.values()) == 365 - 3 - lived.killed
    raised = require_each_told_once(hook)
    told = {**vars(lived), "raised": raised}
    (tmp_path / "year.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    assert raised["scheduler"] == 3, "two runs died, and for three nights there was none"
    assert raised["source:statbank_bil54:stale"] >= 1
    # Dagster keeps the last 60 runs, which are full before the last 60 nights. What is left to grow
    # is what the providers sent, and a line for every look. Publications of the small project are
    # in no history, so retention keeps them all.
    late, grown = (lived.sizes[-1] - lived.sizes[-nights] for nights in (60, 120))
    assert late["dagster"] < 3_000_000, late
    assert grown.total() - grown["publications"] - grown["dagster"] < 10_000_000, grown
