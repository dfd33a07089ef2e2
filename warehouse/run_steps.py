"""How long each step of each run took, and how many rows it brought; append-only.

``outcomes/steps.jsonl`` has one line for every run that was closed. It is no table of the
publication: equal inputs must give equal tables, and no two runs take equally long.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from warehouse.durable import append_json_line, read_json_lines
from warehouse.layout import Layout
from warehouse.outcomes import STEPS


@dataclass(frozen=True)
class RunStep:
    """One step of a run: a whole stage where ``item`` is empty, else one source or model in it."""

    stage: str
    item: str
    seconds: float
    rows: int | None = None


def record_steps(layout: Layout, run_id: str, steps: Sequence[RunStep]) -> None:
    """Note the steps of a run that has ended."""
    row = {"run_id": run_id, "steps": [asdict(step) for step in steps]}
    append_json_line(layout.outcomes / f"{STEPS}.jsonl", row)


def steps_by_run(layout: Layout) -> dict[str, list[RunStep]]:
    """The steps of every run that noted some."""
    rows: Sequence[dict[str, Any]] = list(read_json_lines(layout.outcomes / f"{STEPS}.jsonl"))
    return {row["run_id"]: [RunStep(**step) for step in row["steps"]] for row in rows}
