"""PostgreSQL follows the publication on disk, and its troubles never become the run's."""

import json
from pathlib import Path

import pytest

from orchestration import publishing
from orchestration.keeping import rollback_to
from orchestration.reports import status_report
from orchestration.serving import serve_current, serving_report
from orchestration.settings import Settings
from tests.orchestration.conftest import LATER, run, settings_for
from tests.warehouse.postgres_server import PASSWORD, QUOTED_PASSWORD, Server
from tests.warehouse.publishing import laid_out, version
from tests.warehouse.served import publish_star, served_number

REFUSED = "postgresql://ejer:hemmelig@127.0.0.1:1/klima"


def secrets_in(home: Path, settings: Settings) -> list[str]:
    """Everything a run leaves behind and tells, searched for the password."""
    told = [path.read_text("utf-8", "replace") for path in (home / "outcomes").glob("*.jsonl")]
    told += [json.dumps(status_report(settings), default=str), repr(settings)]
    return [
        secret
        for secret in (PASSWORD, QUOTED_PASSWORD, "hemmelig")
        if any(secret in text for text in told)
    ]


def test_a_night_without_news_brings_postgres_up_to_date(server: Server, home: Path) -> None:
    settings = settings_for(home, KLIMAMONITOR_POSTGRES_DSN=server.dsn())
    assert run(settings).result == "unchanged"
    current = (home / "current").resolve().name
    assert serving_report(settings)["state"] == "served"
    assert serving_report(settings)["version"] == current
    ((references,),) = server.ask("select count(*) from pg_constraint where contype = 'f'")
    ((stated,),) = server.ask(
        "select count(*) from monitoring.dim_table_key where kind = 'foreign'", "bi"
    )
    assert references == stated > 100
    ((bare,),) = server.ask(
        "select count(*) from pg_attribute inner join pg_class on pg_class.oid = attrelid "
        "where relnamespace = 'monitoring'::regnamespace and relkind = 'r' and attnum > 0 "
        "and coalesce(col_description(attrelid, attnum), '') = ''"
    )
    assert bare == 0, "every column has its comment"
    assert run(settings).result == "unchanged"
    assert serving_report(settings)["last_result"] == "unchanged"
    assert secrets_in(home, settings) == []


@pytest.mark.parametrize(
    ("dsn", "reason"), [(REFUSED, "refused"), ("hemmelig", "cannot be understood")]
)
def test_trouble_with_postgres_is_told_and_is_not_the_runs(
    home: Path, dsn: str, reason: str
) -> None:
    settings = settings_for(home, KLIMAMONITOR_POSTGRES_DSN=dsn, KLIMAMONITOR_AS_OF=LATER)
    result = run(settings)
    assert (result.result, result.exit_code) == ("unchanged", 0)
    report = status_report(settings)["postgres"]
    assert (report["state"], report["version"], report["last_result"]) == ("behind", None, "failed")
    assert reason in report["reason"]
    assert secrets_in(home, settings) == []
    assert status_report(settings_for(home))["postgres"]["state"] == "not_configured"


def test_a_new_publication_is_published_though_postgres_is_down(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies while the run is publishing; the next run loads what was published."""
    settings = settings_for(home, KLIMAMONITOR_POSTGRES_DSN=server.dsn(), KLIMAMONITOR_AS_OF=LATER)
    publish = publishing.publish

    def publish_and_die(*arguments: object) -> None:
        publish(*arguments)  # type: ignore[arg-type]
        server.stop("immediate")

    with monkeypatch.context() as dying:
        dying.setattr(publishing, "publish", publish_and_die)
        result = run(settings, force=True)
    server.start()
    assert (result.result, result.exit_code) == ("published", 0)
    assert serving_report(settings)["state"] == "behind"
    assert run(settings).result == "unchanged"
    assert serving_report(settings)["version"] == result.version


def test_pointing_back_takes_postgres_along(server: Server, tmp_path: Path) -> None:
    layout = laid_out(tmp_path / "data")
    settings = settings_for(layout.home, KLIMAMONITOR_POSTGRES_DSN=server.dsn())
    for number in (1, 2):
        publish_star(layout, number)
        assert serve_current(settings, "run") is not None
    assert served_number(server) == 2
    rollback_to(settings, version(1))
    assert served_number(server) == 1
    assert serving_report(settings)["state"] == "served"


def test_without_an_address_nothing_is_looked_at(tmp_path: Path) -> None:
    layout = laid_out(tmp_path / "data")
    publish_star(layout, 1)
    assert serve_current(settings_for(layout.home), "run") is None
    assert list(layout.outcomes.iterdir()) == []
