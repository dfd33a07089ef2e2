"""The last runs with the time of each stage, and which took far longer than usual."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from warehouse import outcomes
from warehouse.layout import Layout
from warehouse.run_steps import RunStep, steps_by_run

# A stage is slow at so many times the median of the runs before it, and so many seconds more.
SLOW_FACTOR, SLOW_SECONDS = 2.0, 5.0
USUAL_OF, FEWEST = 30, 5


def run_report(layout: Layout, last: int) -> list[dict[str, Any]]:
    """The newest runs, newest first, each with its stages in seconds and its steps.

    Args:
        layout: the state root.
        last: how many runs.
    """
    steps = steps_by_run(layout)
    runs = [run for run in outcomes.runs(layout) if run["run_id"] in steps]
    report = []
    for number, run in enumerate(runs):
        before = [earlier for earlier in runs[:number] if earlier["result"] == run["result"]]
        usual = [_stages(steps[earlier["run_id"]]) for earlier in before[-USUAL_OF:]]
        report.append(_told(run, steps[run["run_id"]], usual))
    return report[::-1][:last]


def _told(
    run: dict[str, Any], steps: Sequence[RunStep], usual: Sequence[dict[str, float]]
) -> dict[str, Any]:
    stages = _stages(steps)
    return {
        "run_id": run["run_id"],
        "started_at": run["started_at"],
        "result": run["result"],
        "version": run["version"],
        "seconds": round(sum(stages.values()), 3),
        "stages": stages,
        "slow": [told for stage in stages if (told := _slow(stage, stages[stage], usual))],
        "steps": [vars(step) for step in steps if step.item],
    }


def _stages(steps: Sequence[RunStep]) -> dict[str, float]:
    return {step.stage: step.seconds for step in steps if not step.item}


def _slow(stage: str, seconds: float, usual: Sequence[dict[str, float]]) -> str | None:
    """In words, when a stage took far longer than in runs that ended alike."""
    before = [stages[stage] for stages in usual if stage in stages]
    if len(before) < FEWEST:
        return None
    middle = median(before)
    if seconds < max(SLOW_FACTOR * middle, middle + SLOW_SECONDS):
        return None
    return f"{stage} took {seconds:.1f} s, usually {middle:.1f} s (median of {len(before)} runs)"
