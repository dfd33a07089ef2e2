"""Taking in that was interrupted: the next night finishes it once, through the door it came by."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from expectations import submission_gate
from expectations.verdict import GateBrokenError
from orchestration.arrivals import Arrival
from orchestration.handing_in import decisions, hand_in
from orchestration.prefill import make_template
from orchestration.settings import Settings
from orchestration.submission_intake import IntakeResult, SubmissionIntake
from tests.ingestion.submissions.test_cdp import export
from tests.orchestration.conftest import settings_for
from tests.orchestration.handing import workbook
from warehouse import submissions as store

BROKEN = submission_gate.SubmissionRules(
    views={},
    checks=[submission_gate.Check(code="cvr-invalid", sql="x", expect="expect_x", kwargs={})],
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_for(tmp_path / "data", KLIMAMONITOR_TRANSPORT="live")
    made.layout.prepare()
    return made


@contextmanager
def broken_checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files are landed, and nothing can be decided."""
    with monkeypatch.context() as patched:
        patched.setattr(submission_gate, "submission_rules", lambda: BROKEN)
        yield


def night(settings: Settings) -> IntakeResult:
    return SubmissionIntake(settings, "run").result


def interrupted_night(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is landed, and the checks break."""
    with broken_checks(monkeypatch):
        assert night(settings).trouble
    assert {s.status for s in store.standings(settings.layout)} == {"received"}


@pytest.mark.parametrize(("figure", "verdict"), [(20, "accepted"), ("-", "rejected")])
def test_a_file_that_was_begun_and_still_lies_in_the_inbox_is_decided_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, figure: object, verdict: str
) -> None:
    left = settings.layout.inbox / "0147.xlsx"
    left.write_bytes(workbook("0147", answers={("Nøgletal", "E11"): figure}).content)
    interrupted_night(settings, monkeypatch)
    (receipt,) = night(settings).receipts
    assert (receipt.status, receipt.is_known) == (verdict, False)
    assert [s.status for s in store.standings(settings.layout)] == [verdict]
    assert not left.exists()


@pytest.mark.parametrize("still_there", [True, False])
def test_registers_from_the_inbox_are_refused_after_a_crash_as_well(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, still_there: bool
) -> None:
    left = settings.layout.inbox / "registre.xlsx"
    left.write_bytes(make_template(settings, None, 2026))
    interrupted_night(settings, monkeypatch)
    if not still_there:
        left.unlink()
    (receipt,) = night(settings).receipts
    assert [entry.code for entry in receipt.findings] == ["registers-through-inbox"]
    assert [s.status for s in store.standings(settings.layout)] == ["rejected"]


def test_registers_that_were_handed_in_are_taken_after_a_crash(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_template(settings, None, 2026)
    with broken_checks(monkeypatch), pytest.raises(GateBrokenError):
        hand_in(settings, [Arrival("registre.xlsx", content)])
    (receipt,) = night(settings).receipts
    assert receipt.status == "accepted"


def test_a_crash_between_landing_and_deciding_leaves_one_submission(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrival = workbook("0147")
    with broken_checks(monkeypatch), pytest.raises(GateBrokenError):
        hand_in(settings, [arrival])
    (waiting,) = store.standings(settings.layout)
    assert waiting.status == "received"
    (receipt,) = hand_in(settings, [arrival])
    assert receipt.submission.submission_id == waiting.submission.submission_id
    assert [s.status for s in store.standings(settings.layout)] == ["accepted"]


def test_an_export_that_was_decided_in_part_is_finished(settings: Settings) -> None:
    odder, aarhus = ({"City": name, "Organization": name} for name in ("Odder", "Aarhus"))
    content = export(odder, aarhus)
    arrival = Arrival("cdp.csv", content)
    begun = decisions(settings, [arrival])
    first = next(begun)
    begun.close()
    again = hand_in(settings, [arrival])
    assert [r.is_known for r in again].count(True) == 1
    done = {r.submission.municipality_code for r in again}
    assert first.submission.municipality_code in done
    assert len(done) == 2
    assert all(r.status == "accepted" for r in again)


def test_an_answer_that_was_not_written_is_written_when_the_file_comes_again(
    settings: Settings,
) -> None:
    arrival = workbook("0147")
    (receipt,) = hand_in(settings, [arrival])
    shutil.rmtree(settings.layout.replies / receipt.submission.submission_id)
    (again,) = hand_in(settings, [arrival])
    assert again.is_known
    assert [Path(name).name for name in again.reply(settings.layout)] == [
        "kvittering.json",
        "kvittering.txt",
    ]
