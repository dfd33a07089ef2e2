"""Whole runs on roots whose publication was damaged, or whose clock was set back."""

import json
import shutil
from pathlib import Path
from typing import Any

from orchestration.keeping import publications_report, rollback_to
from orchestration.reports import status_report
from tests.faults.campaign import NEXT, with_news
from tests.faults.fork_server import ForkServer
from tests.orchestration.conftest import settings_for
from tests.warehouse.test_damage import flipped
from warehouse import accepted, publications
from warehouse.damage import damage_of
from warehouse.layout import Layout
from warehouse.publications import DATABASE

LATER = "2026-11-26T02:30:00+01:00"
EARLIER = "2026-11-01T02:30:00+01:00"


def night(server: ForkServer, home: Path, as_of: str) -> dict[str, Any]:
    answer = server.run(home, as_of)
    assert answer["exit"] == 0, answer["said"][-3000:]
    said = str(answer["said"])
    found: dict[str, Any] = json.loads(said[said.index("{\n") :])
    return found


def test_a_damaged_publication_is_made_anew_by_the_next_night(
    server: ForkServer, home: Path
) -> None:
    layout, settings = Layout(home), settings_for(home)
    first = layout.current.resolve().name
    second = night(server, with_news(home), NEXT)["version"]
    assert second > first
    flipped(layout.current / DATABASE)
    assert status_report(settings)["damage"] == [f"{DATABASE} was changed"]
    listed = {p["version"]: p["damage"] for p in publications_report(settings)}
    assert listed == {first: [], second: [f"{DATABASE} was changed"]}
    killed = server.run(home, LATER, failpoint="kill@landing:before#1")
    killed = killed if killed["signal"] else server.run(home, LATER, failpoint="kill@seal:after#1")
    assert layout.current.resolve().name != second, "readers see no damage meanwhile"
    found = night(server, home, LATER)
    assert damage_of(layout.current) == ()
    if killed["signal"]:
        assert found["result"] == "published"
        assert layout.current.resolve().name == found["version"] > second
    runs = [json.loads(line) for line in (home / "outcomes" / "runs.jsonl").open()]
    told = [run["reason"] for run in runs if run["result"] == "recovered"]
    assert told == [f"{second} is damaged: {DATABASE} was changed. Readers see {first}."]
    assert status_report(settings)["recovered"] is None
    assert night(server, home, LATER)["result"] == "unchanged"


def test_the_only_publication_is_damaged_and_does_not_hold_the_night(
    server: ForkServer, home: Path
) -> None:
    layout = Layout(home)
    file = layout.current / DATABASE
    file.chmod(0o644)
    file.write_bytes(b"no database at all")
    found = night(server, home, NEXT)
    assert found["result"] == "published"
    assert f"{DATABASE} was changed" in found["reasons"][0]
    assert damage_of(layout.current) == ()


def test_orders_hold_when_the_clock_was_set_back(server: ForkServer, home: Path) -> None:
    layout = Layout(home)
    first = layout.current.resolve().name
    source = "statbank_laby25"
    record = next((home / "accepted" / source).glob("*.json"))
    outdated = json.loads(record.read_text()) | {"declaration_hash": "read in another way"}
    record.write_text(json.dumps(outdated))
    (home / "outcomes" / f"{source}.jsonl").unlink()
    before = accepted.newest(layout, source)
    found = night(server, home, EARLIER)
    after = accepted.newest(layout, source)
    assert before is not None
    assert after is not None
    assert after.declaration_hash != before.declaration_hash
    assert after.recorded_at > before.recorded_at
    assert found["version"] > first
    manifest = publications.current_manifest(layout)
    assert manifest is not None
    assert manifest["releases"][source]["recorded_at"] == after.recorded_at
    assert any("The clock went back" in note for note in manifest["notes"])
    assert night(server, home, EARLIER)["result"] == "unchanged"


def test_a_publication_of_another_root_is_not_what_readers_see(
    server: ForkServer, home: Path, tmp_path: Path
) -> None:
    layout, other = Layout(home), tmp_path / "other"
    theirs = night(server, with_news(Path(shutil.copytree(home, other, symlinks=True))), LATER)
    copied = Path("publications") / theirs["version"]
    shutil.copytree(other / copied, home / copied)
    ours = layout.current.resolve().name
    assert night(server, home, NEXT)["result"] == "unchanged"
    assert layout.current.resolve().name == ours
    rollback_to(settings_for(home), theirs["version"])
    assert layout.current.resolve().name == theirs["version"]
