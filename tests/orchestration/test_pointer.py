"""Readers see the newest publication, whatever happened between its rename and the pointer."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.keeping import publications_report
from orchestration.reports import status_report
from tests.orchestration.conftest import LATER, run, settings_for
from warehouse import promotion, publications


def test_a_pointer_that_is_gone_is_put_back(home: Path) -> None:
    version = (home / "current").resolve().name
    (home / "current").unlink()
    assert run(settings_for(home)).result == "unchanged"
    assert (home / "current").resolve().name == version


def test_a_run_that_died_before_the_pointer_is_finished_by_the_next(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = (home / "current").resolve().name

    def die(*_: object) -> None:
        raise RuntimeError("died between rename and pointer")

    with monkeypatch.context() as broken:
        broken.setattr(promotion, "point_current_at", die)
        died = run(settings_for(home, KLIMAMONITOR_AS_OF=LATER), force=True)
    assert died.result == "failed"
    assert "died between rename and pointer" in str(died.reasons)
    assert (home / "current").resolve().name == old
    assert run(settings_for(home, KLIMAMONITOR_AS_OF=LATER)).result == "unchanged"
    newest = (home / "current").resolve().name
    assert newest != old
    publications.rollback(settings_for(home).layout, old)
    assert run(settings_for(home, KLIMAMONITOR_AS_OF=LATER)).result == "unchanged"
    assert (home / "current").resolve().name == old, "pointing back is not undone"


def test_a_day_that_something_begins_or_ends_on_is_news(home: Path) -> None:
    """No source brings it, and no input differs: regions and a status change with the day alone.

    When the clock was ahead, the first night at the right time publishes, and the next does not.
    """

    def night(moment: str) -> str:
        return run(settings_for(home, KLIMAMONITOR_AS_OF=moment)).result

    assert night("2027-01-01T02:30:00+01:00") == "published"
    counts = dict(ask(home, "select region_name_da, count(*) from dim_municipality group by all"))
    assert counts["Region Østdanmark"] == 46
    assert "Region Sjælland" not in counts
    assert night("2027-06-30T02:30:00+02:00") == "published"
    assert night("2027-07-01T02:30:00+02:00") == "published"
    assert night("2027-07-02T02:30:00+02:00") == "unchanged"
    reasons = ask(
        home,
        "select distinct reason_code from fct_requirement_status "
        "where year = 2026 and status = 'pending'",
    )
    assert reasons == [("in_grace",)]
    assert night(LATER) == "published"
    assert night(LATER) == "unchanged"


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "current" / "monitoring.duckdb"), read_only=True) as file:
        return file.execute(sql).fetchall()


def test_a_damaged_manifest_does_not_stop_the_commands(home: Path) -> None:
    manifest = home / "current" / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text('{"version": "2026')
    settings = settings_for(home, KLIMAMONITOR_AS_OF=LATER)
    assert status_report(settings)["publication"] is None
    (told,) = publications_report(settings)
    assert told["published_at"] is None
    assert "manifest.json" in "; ".join(told["damage"])
    assert run(settings).result == "published"
