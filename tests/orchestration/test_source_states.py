"""What readers are told of a source, from the release in force and the last look."""

from dataclasses import replace
from pathlib import Path

from ingestion.declaration import source_by_id
from orchestration.source_states import source_state
from tests.ingestion.reading import snapshot_frame
from tests.orchestration.conftest import LATER, settings_for
from tests.warehouse.publishing import laid_out
from tests.warehouse.test_accepted import SOURCE, release
from warehouse import accepted, outcomes
from warehouse.outcomes import Outcome

WARNING = "fewer rows than a year ago: 196, expected 198"


def test_what_gate_1_warned_of_is_told_as_long_as_the_release_is_in_force(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", KLIMAMONITOR_AS_OF=LATER)
    layout = laid_out(settings.home)
    accepted.accept(layout, replace(release(), warned=WARNING), snapshot_frame(SOURCE))
    outcomes.record(layout, Outcome("run-2", SOURCE, settings.now().isoformat(), "unchanged"))
    state = source_state(settings, source_by_id(SOURCE))
    assert f"Warned: {WARNING}" in state.reason
    sound = release("2026-11-24T03:30:00+00:00", "b" * 64)
    accepted.accept(layout, sound, snapshot_frame(SOURCE))
    assert "Warned" not in source_state(settings, source_by_id(SOURCE)).reason
