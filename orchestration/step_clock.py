"""Measures the stages of a run, from what it tells of its progress."""

import logging
import time
from collections.abc import Callable, Iterable

from orchestration.spans import Interval
from warehouse.outcomes import Outcome
from warehouse.run_steps import RunStep

LOG = logging.getLogger(__name__)
Told = Callable[[str, str], None]
# Of some 500 nodes the rest together take a few seconds.
SLOWEST = 20


class StepClock:
    """Stands between a run and whoever is told of its progress: a stage lasts until the next."""

    def __init__(self, told: Told) -> None:
        """Begin to measure; ``told`` still hears everything."""
        self._told = told
        self._stage, self._since = "open", time.monotonic()
        self._begun: list[tuple[str, str, int]] = [("open", "", time.time_ns())]
        self._seconds: dict[str, float] = {}
        self._models: dict[str, float] = {}

    def __call__(self, stage: str, item: str) -> None:
        """A step begins."""
        self._turn_to(stage)
        self._begun.append((stage, item, time.time_ns()))
        LOG.info("%s: %s", stage, item)
        self._told(stage, item)

    def built(self, models: Iterable[tuple[str, float]]) -> None:
        """How long each model took, by dbt's own measure."""
        self._models |= dict(models)

    def steps(self, outcomes: Iterable[Outcome]) -> list[RunStep]:
        """Every stage, each source with its rows, and the slowest models; ends the last stage.

        Args:
            outcomes: what the sources of this run came to.
        """
        self._turn_to("closed")
        stages = [RunStep(stage, "", round(s, 3)) for stage, s in self._seconds.items()]
        sources = [_of_source(outcome) for outcome in outcomes]
        slowest = sorted(self._models.items(), key=lambda model: -model[1])[:SLOWEST]
        return stages + sources + [RunStep("build", name, round(s, 3)) for name, s in slowest]

    def intervals(self) -> list[Interval]:
        """Every step so far with its beginning and its end; the last one ends now."""
        ends = [began for _stage, _item, began in self._begun[1:]]
        steps = zip(self._begun, [*ends, time.time_ns()], strict=True)
        return [Interval(stage, item, began, ended) for (stage, item, began), ended in steps]

    def _turn_to(self, stage: str) -> None:
        now = time.monotonic()
        self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now


def _of_source(outcome: Outcome) -> RunStep:
    stage = "take in" if outcome.result == "accepted" else "look"
    return RunStep(stage, outcome.source_id, outcome.seconds, outcome.rows_accepted)
