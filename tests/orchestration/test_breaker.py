"""Providers are not asked more than they should be: not when silent, not when failing, not beyond
a day's budget.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ingestion.declaration import load_sources, source_by_id
from ingestion.errors import BudgetSpentError, NotAskedError, ProviderError, SourceError
from ingestion.http import Budget, HttpClient, Pace
from orchestration import intake as module
from orchestration.breaker import (
    NOT_ASKED,
    SILENT,
    UNEXPECTED,
    Silence,
    require_worth_asking,
)
from orchestration.cli import main
from orchestration.intake import Intake, Scope
from orchestration.settings import Settings
from tests.ingestion.reading import quick_session
from tests.orchestration.conftest import settings_for
from warehouse.outcomes import Outcome, outcomes_of

NIGHT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
SOURCE = "statbank_bil54"


def looks(*results: str, hours: float = 24) -> list[Outcome]:
    """One look every so many hours, the last one now; ``skipped`` is a look that did not ask."""
    rows = []
    for back, result in enumerate(reversed(results)):
        at = (NIGHT - timedelta(hours=hours * back)).isoformat()
        code = NOT_ASKED if result == "skipped" else "http-503"
        result = "failed" if result == "skipped" else result
        rows.insert(0, Outcome("run", SOURCE, at, result, code=code, reason="503: nede"))
    return rows


@pytest.mark.parametrize(
    ("results", "pause"),
    [
        ([], 0),
        (["failed", "failed"], 0),
        (["failed", "failed", "failed"], 6),
        (["failed", "failed", "failed", "skipped", "skipped"], 6),
        (["failed"] * 4, 12),
        (["failed"] * 9, 23),
        (["failed", "failed", "failed", "accepted", "failed"], 0),
        (["failed", "failed", "failed", "quarantined"], 0),
    ],
)
def test_a_source_that_fails_again_and_again_is_left_alone_for_longer(
    results: list[str], pause: int
) -> None:
    rows = looks(*results, hours=0)
    require_worth_asking(SOURCE, rows, NIGHT + timedelta(hours=pause))
    if pause:
        with pytest.raises(NotAskedError, match=r"failed .* in a row and was not asked; last: 503"):
            require_worth_asking(SOURCE, rows, NIGHT + timedelta(hours=pause, minutes=-1))


def test_a_fault_of_ours_does_not_leave_a_source_alone() -> None:
    rows = [replace(row, code=UNEXPECTED) for row in looks(*["failed"] * 5, hours=0)]
    require_worth_asking(SOURCE, rows, NIGHT)


def test_every_night_asks_however_long_a_source_has_failed() -> None:
    require_worth_asking(SOURCE, looks(*["failed"] * 60), NIGHT + timedelta(hours=24))


def test_a_provider_that_is_silent_is_not_asked_for_its_other_sources() -> None:
    silence = Silence()
    for _ in range(2):
        silence.require_answering("statbank")
        silence.heard("statbank", ProviderError(SILENT, "-"))
    silence.require_answering("energidataservice")
    with pytest.raises(NotAskedError, match="did not answer for 2 of its sources"):
        silence.require_answering("statbank")


def test_one_answer_is_enough_to_go_on() -> None:
    silence = Silence()
    for error in (ProviderError(SILENT, "-"), None, ProviderError(SILENT, "-")):
        silence.require_answering("statbank")
        silence.heard("statbank", error)
    silence.heard("statbank", ProviderError("http-503", "an answer, if no good one"))
    silence.require_answering("statbank")


def live(home: Path, url: str, **more: str) -> Settings:
    return settings_for(home, KLIMAMONITOR_TRANSPORT="live", KLIMAMONITOR_STATBANK_URL=url, **more)


def statbank_sources() -> list[str]:
    return [source.id for source in load_sources() if source.provider == "statbank"]


def test_a_night_with_a_dead_provider_asks_two_of_its_sources(tmp_path: Path) -> None:
    taken = Intake(live(tmp_path, "http://127.0.0.1:9/v1"), "run")
    taken.session.mount("http://", quick_session().get_adapter("http://"))
    found = [taken.prepare(source_by_id(source_id)) for source_id in statbank_sources()]
    codes = [row.code for row in found if isinstance(row, Outcome)]
    assert codes == [SILENT, SILENT, *[NOT_ASKED] * (len(codes) - 2)]
    assert {row.result for row in found if isinstance(row, Outcome)} == {"failed"}


class Server:
    """Counts what it is asked, and answers as told."""

    def __init__(self, server: HTTPServer) -> None:
        self.asked = 0
        self.answer = Response("nede", status=503)
        server.expect_request("/v1/tableinfo").respond_with_handler(self._take)
        self.url = server.url_for("/v1")

    def _take(self, _request: Request) -> Response:
        self.asked += 1
        return self.answer


@pytest.fixture
def statbank(httpserver: HTTPServer) -> Server:
    return Server(httpserver)


def quick(settings: Settings) -> Intake:
    taken = Intake(settings, "run")
    taken.session.mount("http://", quick_session().get_adapter("http://"))
    return taken


def test_every_request_of_a_look_is_in_its_row_retries_too(
    tmp_path: Path, statbank: Server
) -> None:
    settings = live(tmp_path, statbank.url)
    quick(settings).prepare(source_by_id(SOURCE))
    (row,) = outcomes_of(settings.layout, SOURCE)
    assert row.requests == statbank.asked == 4


def test_a_days_budget_is_never_exceeded_whatever_the_runs(
    tmp_path: Path, statbank: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = module.load_providers()["statbank"].model_copy(update={"requests_per_day": 10})
    monkeypatch.setattr(module, "load_providers", lambda: {"statbank": provider})
    for _run in range(3):
        taken = quick(live(tmp_path, statbank.url))
        for source_id in statbank_sources()[:2]:
            taken.prepare(source_by_id(source_id))
    assert statbank.asked == 10
    last = outcomes_of(live(tmp_path, statbank.url).layout, statbank_sources()[1])[-1]
    assert last.code == "budget-spent"
    assert "all 10 requests of today are used up" in str(last.reason)
    tomorrow = {"KLIMAMONITOR_AS_OF": "2026-11-25T02:30:00+01:00"}
    quick(live(tmp_path, statbank.url, **tomorrow)).prepare(source_by_id(SOURCE))
    assert statbank.asked == 14


def test_redirects_are_requests_too(httpserver: HTTPServer) -> None:
    for here, there in (("/a", "/b"), ("/b", "/c")):
        moved = {"Location": httpserver.url_for(there)}
        httpserver.expect_request(here).respond_with_data(status=302, headers=moved)
    httpserver.expect_request("/c").respond_with_data("ok")
    client = HttpClient(quick_session(), Pace(0), budget=Budget("x", 5))
    assert client.send("GET", httpserver.url_for("/a"), pace_key="a") == b"ok"
    assert client.budget is not None
    assert client.budget.spent == 3
    with pytest.raises(BudgetSpentError):
        client.send("GET", httpserver.url_for("/a"), pace_key="a")
    assert client.budget.spent == 5


def test_force_asks_although_a_source_has_failed(tmp_path: Path, statbank: Server) -> None:
    settings = live(tmp_path, statbank.url)
    for _ in range(4):
        quick(settings).prepare(source_by_id(SOURCE))
    asked = statbank.asked
    quick(settings).prepare(source_by_id(SOURCE))
    assert statbank.asked == asked
    forced = Intake(settings, "run", force=True)
    forced.session.mount("http://", quick_session().get_adapter("http://"))
    forced.prepare(source_by_id(SOURCE))
    assert statbank.asked > asked


def test_an_error_of_the_budget_is_an_error_of_its_source() -> None:
    assert issubclass(BudgetSpentError, SourceError)
    assert BudgetSpentError.state == NotAskedError.state == "failed"


def test_a_run_of_single_sources_asks_only_those(tmp_path: Path, statbank: Server) -> None:
    settings = live(tmp_path, statbank.url)
    first, second = statbank_sources()[:2]
    quick(settings).prepare(source_by_id(first))
    asked = statbank.asked
    partial = Intake(settings, "partial", scope=Scope(frozenset([second])))
    partial.session.mount("http://", quick_session().get_adapter("http://"))
    kept = partial.prepare(source_by_id(first))
    assert statbank.asked == asked
    assert kept == outcomes_of(settings.layout, first)[-1], "no new row, the last one stands"
    assert len(outcomes_of(settings.layout, first)) == 1
    partial.prepare(source_by_id(second))
    assert statbank.asked > asked
    never = partial.prepare(source_by_id(statbank_sources()[2]))
    assert isinstance(never, Outcome)
    assert never.run_id == "partial", "a source that was never looked at is looked at"


def test_a_source_that_is_not_declared_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(tmp_path))
    answer = CliRunner().invoke(main, ["refresh", "--source", "statbank_bil"])
    assert answer.exit_code == 1
    assert "No source 'statbank_bil'. Declared:" in answer.output
    assert not (tmp_path / "run.lock").exists()
