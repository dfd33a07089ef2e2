"""The unit tests inside the dbt project: formulas against the vectors of their definitions."""

from pathlib import Path

from orchestration.open_run import opened
from orchestration.transform import close_connections, invoke
from tests.orchestration.conftest import LATER, settings_for


def test_every_formula_reproduces_its_vectors(home: Path) -> None:
    with opened(settings_for(home, KLIMAMONITOR_AS_OF=LATER)) as run:
        logs = ["--quiet", "--log-path", str(run.draft.folder)]
        target = ["--target-path", str(run.draft.folder / "target")]
        built = invoke([*logs, "build", *target], run.draft)
        close_connections()
    units = [r for r in built.result.results if r.node.resource_type == "unit_test"]
    assert len(units) >= 6
    assert {(r.node.name, str(r.status)) for r in units if str(r.status) != "pass"} == set()
