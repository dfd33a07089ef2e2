"""Dagster's memory of runs stays short, and what it still tells is whole."""

from pathlib import Path

import dagster as dg
import pytest

from orchestration import run_history
from orchestration.event_log import opened_instance
from orchestration.job import prepare_dagster_home
from orchestration.run_history import forget_old_runs
from tests.orchestration.conftest import settings_for
from warehouse.layout import Layout


@dg.asset
def figures() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 98})


JOB = dg.Definitions(
    assets=[figures], jobs=[dg.define_asset_job("night", selection="*")]
).resolve_job_def("night")


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("DAGSTER_HOME", "")
    settings = settings_for(tmp_path)
    settings.layout.prepare()
    prepare_dagster_home(settings)
    return settings.layout


def runs(layout: Layout, number: int) -> list[str]:
    """Ids of so many runs, oldest first."""
    with opened_instance(layout.dagster) as instance:
        return [JOB.execute_in_process(instance=instance).run_id for _ in range(number)]


def files(layout: Layout) -> set[str]:
    """Ids of the runs that have files."""
    history = layout.dagster / "history" / "runs"
    return {path.name.split(".")[0] for path in history.glob("*-*.db*")}


def test_the_last_runs_are_kept_and_older_ones_leave_nothing(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_history, "RUNS_KEPT", 2)
    first, second, third = runs(layout, 3)
    assert forget_old_runs(layout) == [first]
    assert files(layout) == {second, third}
    with opened_instance(layout.dagster) as instance:
        assert {record.dagster_run.run_id for record in instance.get_run_records()} == {
            second,
            third,
        }
        event = instance.get_latest_materialization_event(figures.key)
        assert event is not None
        assert event.run_id == third
        assert instance.all_logs(third) != []
    assert forget_old_runs(layout) == []


def test_a_root_that_dagster_never_saw_has_nothing_to_forget(tmp_path: Path) -> None:
    assert forget_old_runs(Layout(tmp_path)) == []


def test_trouble_is_logged_and_ends_nothing(
    layout: Layout, caplog: pytest.LogCaptureFixture
) -> None:
    (layout.dagster / "dagster.yaml").write_text("storage: {nobody: {}}", encoding="utf-8")
    assert forget_old_runs(layout) == []
    assert "could not be deleted" in caplog.text
