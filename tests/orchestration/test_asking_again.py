"""A failure that may pass is asked again in the same run; one that will not is told at once."""

import threading
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ingestion.declaration import source_by_id
from orchestration.breaker import PassingError
from orchestration.intake import Intake
from orchestration.night import NIGHT
from orchestration.open_run import opened
from orchestration.settings import Settings, SettingsError, load_settings, unknown_variables
from orchestration.source_assets import source_asset
from tests.ingestion.reading import quick_session
from tests.orchestration.conftest import settings_for
from tests.providers import faults
from tests.providers.fixtures import providers
from tests.providers.server import Providers
from warehouse import outcomes
from warehouse.outcomes import Outcome

__all__ = ["providers"]

SOURCE = source_by_id("statbank_are207")
OTHER = source_by_id("statbank_laby25")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses of the client's own: here those of the run are meant."""
    monkeypatch.setattr("ingestion.transport.build_session", quick_session)


def settings_of(home: Path, providers: Providers, pauses: str = "0.2,0.3") -> Settings:
    return settings_for(
        home,
        KLIMAMONITOR_TRANSPORT="live",
        KLIMAMONITOR_ASK_AGAIN_SECONDS=pauses,
        **providers.variables,
    )


def patiently(intake: Intake, most: int = 9) -> Outcome:
    """Ask until the outcome is final, as a run does."""
    for _ in range(most):
        try:
            return intake.take_in(SOURCE)
        except PassingError:
            continue
    raise AssertionError("it never ends")


def rows(settings: Settings) -> list[Outcome]:
    return list(outcomes.outcomes_of(settings.layout, SOURCE.id))


@pytest.mark.parametrize(
    "fault", [faults.status(503), faults.status(500), faults.short_body(), faults.reset_mid_body()]
)
def test_what_passes_is_accepted_and_leaves_one_row(
    tmp_path: Path, providers: Providers, fault: faults.Fault
) -> None:
    settings = settings_of(tmp_path, providers)
    rule = providers.fail("statbank", None, fault)
    intake = Intake(settings, "run")
    with pytest.raises(PassingError) as caught:
        intake.take_in(SOURCE)
    assert caught.value.seconds == 0.2
    assert rows(settings) == []
    rule.left = 0
    outcome = patiently(intake)
    assert outcome.result == "accepted"
    assert rows(settings) == [outcome]
    assert outcome.requests == len(providers.requests) > 2, "tries in vain count as well"


def test_what_does_not_pass_is_one_failure_after_the_last_pause(
    tmp_path: Path, providers: Providers
) -> None:
    settings = settings_of(tmp_path, providers)
    providers.fail("statbank", None, faults.status(503, "vedligehold"))
    outcome = patiently(Intake(settings, "run"))
    assert (outcome.result, outcome.code) == ("failed", "http-503")
    assert "vedligehold" in str(outcome.reason)
    assert rows(settings) == [outcome]
    assert outcome.requests == len(providers.requests)


@pytest.mark.parametrize("fault", [faults.status(404), faults.status(403), faults.html()])
def test_a_refusal_is_not_asked_again(
    tmp_path: Path, providers: Providers, fault: faults.Fault
) -> None:
    settings = settings_of(tmp_path, providers)
    providers.fail("statbank", None, fault)
    assert Intake(settings, "run").take_in(SOURCE).result == "failed"


def test_without_pauses_and_from_the_snapshot_nothing_is_asked_again(
    tmp_path: Path, providers: Providers
) -> None:
    providers.fail("statbank", None, faults.status(503))
    assert Intake(settings_of(tmp_path, providers, ""), "run").take_in(SOURCE).result == "failed"
    snapshot = settings_for(tmp_path / "s", KLIMAMONITOR_ASK_AGAIN_SECONDS="60")
    assert Intake(snapshot, "run").take_in(SOURCE).result == "accepted"


@pytest.fixture
def down_for_a_while(providers: Providers) -> Iterator[Providers]:
    """StatBank is away and comes back while the run waits."""
    providers.down("statbank")
    back = threading.Timer(1.5, providers.up, ["statbank"])
    back.start()
    yield providers
    back.join()


def test_a_run_waits_once_for_all_that_may_pass(
    tmp_path: Path, down_for_a_while: Providers
) -> None:
    settings, told = settings_of(tmp_path, down_for_a_while, "2,2"), list[tuple[str, str]]()
    with opened(settings, told=lambda stage, item: told.append((stage, item))) as run:
        run.sources = (SOURCE, OTHER, source_by_id("statbank_bil707"))
        assert run.has_news()
        assert {run.take_in(source).result for source in run.sources} == {"accepted"}
        run.fail(["only looked"])
    assert [item for stage, item in told if stage == "wait"] == ["3 sources are asked again in 2 s"]


def test_a_step_of_dagster_is_up_for_retry_meanwhile(
    tmp_path: Path, down_for_a_while: Providers
) -> None:
    settings = settings_of(tmp_path, down_for_a_while, "2,2")
    here = source_by_id("energidataservice_capacity_per_municipality")
    with opened(settings) as run:
        run.intake.access(here.provider).client.pace.seconds = 0
        done = dg.materialize(
            [source_asset(SOURCE), source_asset(here)],
            resources={NIGHT: dg.ResourceDefinition.hardcoded_resource(run)},
            instance=dg.DagsterInstance.ephemeral(),
        )
        run.fail(["only taken in"])
    assert done.success
    kinds = [event.event_type_value for event in done.all_events]
    assert kinds.count("STEP_UP_FOR_RETRY") == 1
    assert kinds.index("STEP_SUCCESS") < kinds.index("STEP_RESTARTED"), "the other went on"
    assert {o.result for o in run.intake.results.values() if isinstance(o, Outcome)} == {"accepted"}


@pytest.mark.parametrize("written", ["soon", "-1", "0", "60,9999", "1,2,3,4,5,6", "nan"])
def test_pauses_that_are_none_are_refused(written: str) -> None:
    with pytest.raises(SettingsError, match="KLIMAMONITOR_ASK_AGAIN_SECONDS"):
        load_settings({"KLIMAMONITOR_ASK_AGAIN_SECONDS": written})


def test_every_setting_of_the_example_is_known() -> None:
    example = Path(__file__).parents[2] / ".env.example"
    lines = example.read_text(encoding="utf-8").splitlines()
    names = [line.removeprefix("# ").split("=")[0] for line in lines if "=" in line]
    assert "KLIMAMONITOR_ASK_AGAIN_SECONDS" in names
    assert unknown_variables(dict.fromkeys(names, "x")) == []
