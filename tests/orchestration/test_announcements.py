"""Figures that StatBank announces between the nights: asked for sparingly, fetched once."""

from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from ingestion.declaration import source_by_id
from ingestion.errors import AnswerError
from orchestration.announcements import announced
from orchestration.definitions import defs
from orchestration.settings import Settings
from tests.orchestration.conftest import settings_for
from tests.providers import faults
from tests.providers.server import Providers
from warehouse import accepted
from warehouse.accepted import Release

SOURCE = source_by_id("statbank_bil54")
# 2026M09 began on the first; with the declared lag October's figures are expected before this day.
MORNING = "2026-11-24T09:00:00+01:00"


def variables(home: Path, providers: Providers, at: str = MORNING) -> dict[str, str]:
    return {
        "KLIMAMONITOR_HOME": str(home),
        "KLIMAMONITOR_TRANSPORT": "live",
        "KLIMAMONITOR_AS_OF": at,
        "KLIMAMONITOR_STATBANK_URL": providers.statbank_url,
    }


def settings_at(home: Path, providers: Providers, at: str = MORNING) -> Settings:
    told = variables(home, providers, at)
    return settings_for(Path(told.pop("KLIMAMONITOR_HOME")), **told)


def known(settings: Settings, updated: str, period: str = "2026M01") -> None:
    """A release of vehicles is in force."""
    frame = pd.DataFrame({"row_key": ["x"]})
    release = Release(
        SOURCE.id,
        "a" * 64,
        "2026-03-01T02:30:00+00:00",
        "d",
        updated,
        True,
        period,
        1,
        1,
        0,
        "live",
    )
    accepted.accept(settings.layout, release, frame)


def asked(providers: Providers) -> list[str]:
    return [seen.path.strip("/") for seen in providers.asked("statbank")]


def publish(providers: Providers, updated: str) -> None:
    """The catalogue says that the table of vehicles was updated."""
    table = {"id": SOURCE.table, "updated": updated}
    providers.fail("statbank", "/tables", faults.on_json(lambda _: [table]))


def test_expected_figures_that_are_out_are_told_for_one_request(
    tmp_path: Path, providers: Providers
) -> None:
    settings = settings_at(tmp_path, providers)
    known(settings, "2026-02-12T08:00:00")
    publish(providers, "2026-11-24T08:00:00")
    assert announced(settings) == {SOURCE.id: "2026-11-24T08:00:00"}
    assert asked(providers) == ["tables"]
    assert b'"pastdays": 2' in providers.asked("statbank")[0].body


def test_what_is_in_force_already_is_no_news(tmp_path: Path, providers: Providers) -> None:
    settings = settings_at(tmp_path, providers)
    known(settings, "2026-11-24T08:00:00")
    publish(providers, "2026-11-24T08:00:00")
    assert announced(settings) == {}


@pytest.mark.parametrize(
    ("period", "at"),
    [("2026M11", MORNING), ("2026M01", "2026-11-24T06:00:00+01:00")],
    ids=["nothing is expected", "before StatBank opens"],
)
def test_nobody_is_asked_for_nothing(
    tmp_path: Path, providers: Providers, period: str, at: str
) -> None:
    settings = settings_at(tmp_path, providers, at)
    known(settings, "2026-02-12T08:00:00", period)
    publish(providers, "2026-11-24T08:00:00")
    assert announced(settings) == {}
    assert asked(providers) == []


def test_an_answer_that_is_no_list_of_tables_is_told(tmp_path: Path, providers: Providers) -> None:
    settings = settings_at(tmp_path, providers)
    known(settings, "2026-02-12T08:00:00")
    providers.fail("statbank", "/tables", faults.on_json(lambda _: {"tables": []}))
    with pytest.raises(AnswerError, match="did not answer with tables"):
        announced(settings)


def test_the_sensor_asks_for_one_run_per_announcement(
    tmp_path: Path, providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables(tmp_path, providers).items():
        monkeypatch.setenv(name, value)
    known(settings_at(tmp_path, providers), "2026-02-12T08:00:00")
    sensor = defs.resolve_sensor_def("announced_figures")

    def tick() -> Any:
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(instance=instance, definitions=defs)
            return sensor.evaluate_tick(context)

    assert not tick().run_requests
    publish(providers, "2026-11-24T08:00:00")
    (first,), (again,) = tick().run_requests, tick().run_requests
    assert first.run_key == again.run_key
    assert first.tags["klimamonitor/announced"] == SOURCE.id
