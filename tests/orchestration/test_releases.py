"""What moved far is held until a named person accepts it: those holds, those inputs, once."""

import json
import os
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from orchestration.cli import main
from orchestration.releasing import release_held
from orchestration.reports import status_report
from orchestration.settings import Settings
from tests.orchestration.conftest import LATER, settings_for
from tests.orchestration.spoilt import held, spoil
from warehouse.holds import NotReleasableError
from warehouse.publications import DATABASE, current_manifest

REASON, NAME = "Ministeriet har regnet om", "Ane Holm, klimachef"
FEWER_TONNES = (
    "update mart_alliance_year set ghg_danish_account_tco2e = {} * ghg_danish_account_tco2e "
    "where year = 2023 and panel_id = 'all_municipalities'"
)
REFUSED_SOURCES = (
    "update dim_source set state = 'quarantined' "
    "where source_id in (select source_id from dim_source where release_id is not null "
    "order by source_id limit 3)"
)
AN_ERROR = "delete from dim_municipality where municipality_code = '0825'"


@pytest.fixture
def tonight(home: Path) -> Settings:
    """Settings of the night after the first publication."""
    return settings_for(home, KLIMAMONITOR_AS_OF=LATER)


def last_run(settings: Settings) -> dict[str, Any]:
    lines = (settings.layout.outcomes / "runs.jsonl").read_text().splitlines()
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def released(settings: Settings) -> Result:
    """``klimamonitor release``, which accepts what was held and runs the main job."""
    variables = {"KLIMAMONITOR_HOME": str(settings.home), "KLIMAMONITOR_AS_OF": LATER}
    arguments = ["release", "--by", NAME, "--reason", REASON, "--json"]
    before = dict(os.environ)
    try:
        return CliRunner().invoke(main, arguments, env=variables)
    finally:
        os.environ.clear()
        os.environ.update(before)


def logged(settings: Settings) -> list[tuple[Any, ...]]:
    """Every run in the order of its time; of two of one second, the one that was held first."""
    columns = "outcome, released_by, release_reason, released_holds"
    order = "left(version, 16), outcome"
    with duckdb.connect(str(settings.layout.current / DATABASE), read_only=True) as file:
        return file.execute(f"select {columns} from publication_log order by {order}").fetchall()


def test_a_hold_is_accepted_by_name_published_in_the_open_and_used_once(
    tonight: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, f"{FEWER_TONNES.format(0.8)}; {REFUSED_SOURCES}")
    reasons = held(tonight)
    assert [reason.split(" against ")[0].rsplit(": ", 1)[0] for reason in reasons[:-1]] == [
        "gate 3: dim_source: more_sources_in_quarantine: share of sources in quarantine",
        "gate 3: mart_alliance_year: panel_emissions_on_unchanged_years: all_municipalities, 2023,"
        " ghg_danish_account_tco2e",
    ]
    assert "moved 27.3%, the limit is 25.0%" in reasons[0]
    assert "moved 20.0%, the limit is 10.0%" in reasons[1]
    assert "klimamonitor release --by" in reasons[-1]
    answer = released(tonight)
    assert (answer.exit_code, json.loads(answer.stdout)["result"]) == (0, "published")
    given = json.loads(answer.stdout)["accepted"]
    assert len(given["holds"]) == 2

    first, attempt, this = logged(tonight)
    assert [row[0] for row in (first, attempt, this)] == ["published", "held", "published"]
    assert first[1:] == attempt[1:] == (None, None, None)
    assert this[1:] == (NAME, REASON, "; ".join(reason[8:] for reason in reasons[:-1]))
    manifest = current_manifest(tonight.layout)
    assert manifest is not None
    assert manifest["release"]["by"] == NAME
    assert manifest["audits"]["dim_source"]["holds"] == [reasons[0][8:]]
    assert status_report(tonight)["publication"]["release"]["reason"] == REASON

    spoil(monkeypatch, FEWER_TONNES.format(0.6))
    assert "moved 25.0%" in "; ".join(held(tonight))
    with pytest.raises(NotReleasableError, match="compared with"):
        _after_rollback(tonight, first_version=given["compared_with"])


def _after_rollback(settings: Settings, first_version: str | None) -> None:
    from orchestration.keeping import rollback_to

    rollback_to(settings, str(first_version))
    release_held(settings, REASON, NAME)


def test_a_release_is_for_the_figures_and_the_inputs_that_were_held(
    tonight: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, FEWER_TONNES.format(0.8))
    held(tonight)
    release_held(tonight, REASON, NAME)
    next_year = settings_for(tonight.home, KLIMAMONITOR_AS_OF="2027-01-02T02:30:00+01:00")
    assert "panel_emissions_on_unchanged_years" in "; ".join(held(next_year, force=False))
    release_held(next_year, REASON, NAME)
    spoil(monkeypatch, FEWER_TONNES.format(0.79))
    assert "moved 21.0%" in "; ".join(held(next_year, force=False))
    assert "released" not in str(logged(next_year))


def test_an_error_is_never_released(tonight: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch, f"{FEWER_TONNES.format(0.8)}; {AN_ERROR}")
    reasons = "; ".join(held(tonight))
    assert "panel_emissions_on_unchanged_years" in reasons
    assert "klimamonitor release" not in reasons
    assert last_run(tonight)["holds"] == []
    answer = released(tonight)
    assert answer.exit_code == 1
    assert re.search(r"no error is ever released.*ninety_eight", answer.stderr)
