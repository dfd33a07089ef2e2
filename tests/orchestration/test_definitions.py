"""The graph, the schedule and a run as Dagster's own user starts them."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from ingestion.declaration import load_sources
from orchestration.definitions import defs, nightly
from orchestration.model_assets import models
from orchestration.publication_asset import KEY, TABLES
from tests.ingestion.reading import EMBEDDED
from tests.orchestration.conftest import AS_OF, LATER, file_bytes


@pytest.fixture
def environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of a Dagster process on the state root."""
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(home))
    monkeypatch.setenv("KLIMAMONITOR_AS_OF", LATER)
    return home


def materialize(*keys: dg.AssetKey) -> dg.ExecuteInProcessResult:
    job = defs.resolve_job_def("nightly_refresh")
    # Left to the garbage collector, its connections are closed by whatever thread collects, which
    # SQLite refuses, in the log of another test.
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            instance=instance, raise_on_error=False, asset_selection=list(keys) or None
        )


def test_every_source_and_model_is_an_asset_with_owner_group_and_description() -> None:
    nodes = defs.resolve_asset_graph()
    keys = nodes.get_all_asset_keys()
    assert {dg.AssetKey(source.asset_key) for source in load_sources()} <= keys
    assert {dg.AssetKey(table.name) for table in TABLES} <= keys
    for key in nodes.materializable_asset_keys:
        node = nodes.get(key)
        assert node.group_name != "default", key
        assert node.owners, key
        assert node.description, key


def test_the_graph_leads_from_a_source_to_the_publication() -> None:
    graph = defs.resolve_asset_graph()
    above, todo = set(), [KEY]
    while todo:
        for parent in graph.get(todo.pop()).parent_keys:
            if parent not in above:
                above.add(parent)
                todo.append(parent)
    # Those that the snapshot lacks feed no published figure yet; their staging models are there.
    assert {dg.AssetKey(source.asset_key) for source in EMBEDDED} <= above
    staged = {dg.AssetKey(source.asset_key) for source in load_sources()}
    assert all(graph.get(key).child_keys for key in staged)


def test_the_schedule_is_on_at_half_past_two_in_copenhagen() -> None:
    assert nightly.cron_schedule == "30 2 * * *"
    assert nightly.execution_timezone == "Europe/Copenhagen"
    assert nightly.default_status is dg.DefaultScheduleStatus.RUNNING


def processor_seconds(code: str) -> float:
    """What a new process needs for some code, however busy the machine is."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_definitions_load_quickly_and_without_network() -> None:
    no_network = "import socket; socket.socket.connect = None; "
    dagster_alone = processor_seconds(f"{no_network}import dagster, dagster_dbt")
    assert processor_seconds(f"{no_network}import orchestration.definitions") < 3 * dagster_alone


def test_a_run_without_news_materialises_no_model(environment: Path) -> None:
    before = file_bytes(environment / "publications")
    os.environ["KLIMAMONITOR_AS_OF"] = AS_OF
    result = materialize()
    assert result.success
    assert not result.asset_materializations_for_node("monitoring_publication")
    assert file_bytes(environment / "publications") == before


def test_a_run_on_an_empty_root_publishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(tmp_path / "new"))
    result = materialize()
    assert result.success
    assert (tmp_path / "new" / "current" / "monitoring.duckdb").exists()
    checks = result.get_asset_check_evaluations()
    assert {f"audit_{table.name}" for table in TABLES} <= {check.check_name for check in checks}
    assert {spec.key for spec in models.check_specs} <= {check.asset_check_key for check in checks}
    lacking = {dg.AssetKey(s.asset_key) for s in load_sources() if s not in EMBEDDED}
    assert {check.asset_key for check in checks if not check.passed} == lacking


def test_the_publication_alone_in_a_new_run_is_refused(environment: Path) -> None:
    before = file_bytes(environment / "current")
    result = materialize(KEY)
    assert not result.success
    assert file_bytes(environment / "current") == before


def test_a_single_source_can_be_taken_in_alone(environment: Path) -> None:
    before = file_bytes(environment / "current")
    assert materialize(dg.AssetKey(["statbank", "bil54"])).success
    assert file_bytes(environment / "current") == before
