"""What a run's steps took is kept, and a stage that became slow is named."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from orchestration.run_report import run_report
from orchestration.step_clock import SLOWEST, StepClock
from tests.warehouse.publishing import laid_out
from warehouse.layout import Layout
from warehouse.outcomes import Outcome, RunRecord, record_run
from warehouse.run_steps import RunStep, record_steps, steps_by_run


def ran(layout: Layout, number: int, build: float, result: str = "published") -> None:
    at = f"2026-11-{number:02}T01:30:00+00:00"
    record_steps(layout, f"run-{number}", [RunStep("look", "", 1.0), RunStep("build", "", build)])
    record_run(layout, RunRecord(f"run-{number}", at, at, result, None, "", "live", None))


def test_a_stage_lasts_until_the_next_and_everything_is_still_told() -> None:
    heard: list[tuple[str, str]] = []
    clock = StepClock(lambda stage, item: heard.append((stage, item)))
    for stage, item in (("look", "a"), ("look", "b"), ("build", "m")):
        clock(stage, item)
    clock.built((f"model.{n}", float(n)) for n in range(SLOWEST + 5))
    taken = Outcome("run", "a", "2026-11-24", "accepted", seconds=0.5, rows_accepted=98)
    steps = clock.steps([taken])
    assert heard == [("look", "a"), ("look", "b"), ("build", "m")]
    assert [step.stage for step in steps if not step.item] == ["open", "look", "build"]
    assert RunStep("take in", "a", 0.5, 98) in steps
    models = [step.item for step in steps if step.item.startswith("model.")]
    assert models == [f"model.{n}" for n in range(SLOWEST + 4, 4, -1)]


def test_steps_are_kept_by_run(tmp_path: Path) -> None:
    layout = laid_out(tmp_path)
    ran(layout, 1, 10.0)
    assert steps_by_run(layout) == {"run-1": [RunStep("look", "", 1.0), RunStep("build", "", 10.0)]}


@pytest.mark.parametrize(
    ("seconds", "is_slow"), [(10.0, False), (19.0, False), (21.0, True)], ids=str
)
def test_a_stage_far_above_its_median_is_named(
    tmp_path: Path, seconds: float, *, is_slow: bool
) -> None:
    layout = laid_out(tmp_path)
    for number in range(1, 7):
        ran(layout, number, 10.0)
    ran(layout, 7, 100.0, "held")
    ran(layout, 8, seconds)
    newest, held, *_ = run_report(layout, 3)
    told = f"build took {seconds:.1f} s, usually 10.0 s (median of 6 runs)"
    assert newest["slow"] == [told] * is_slow
    assert held["slow"] == [], "there is no other held run to compare with"


def test_few_runs_have_no_usual_time(tmp_path: Path) -> None:
    layout = laid_out(tmp_path)
    for number, seconds in enumerate((1.0, 1.0, 1.0, 100.0), start=1):
        ran(layout, number, seconds)
    assert all(run["slow"] == [] for run in run_report(layout, 10))


def test_the_command_tells_the_newest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = laid_out(tmp_path)
    for number in (1, 2):
        ran(layout, number, 10.0)
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(tmp_path))
    found = json.loads(CliRunner().invoke(main, ["runs", "--json"]).output)
    assert [run["run_id"] for run in found] == ["run-2", "run-1"]
    shown = CliRunner().invoke(main, ["runs", "--last", "1"]).output
    assert shown.splitlines()[0].split() == ["began", "result", "seconds", "look", "build"]
    assert len(shown.splitlines()) == 2
