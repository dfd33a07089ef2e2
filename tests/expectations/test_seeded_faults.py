"""Gate 1 against the faults of data that the benchmark seeds, and against sound vintages."""

import pytest

from benchmarks.data_faults import HARD, SUBTLE, Fault
from benchmarks.faults import TARGETS, VINTAGES, cases, false_stops


@pytest.mark.parametrize(("kind", "fault"), HARD.items())
def test_a_hard_fault_is_stopped(kind: str, fault: Fault) -> None:
    (case,) = cases(kind, fault, 1)
    assert case.stopped_by, case.source_id


def test_sound_vintages_pass() -> None:
    assert false_stops(3) == {"unchanged": [], "revised by up to 5 %": []}


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize(("name", "kinds"), [("hard", HARD), ("subtle", SUBTLE)])
def test_the_shares_caught_keep_their_targets(name: str, kinds: dict[str, Fault]) -> None:
    found = [case for kind, fault in kinds.items() for case in cases(kind, fault, 25)]
    caught = sum(bool(case.stopped_by) for case in found)
    assert caught / len(found) >= TARGETS[name]


@pytest.mark.long
@pytest.mark.timeout(0)
def test_no_sound_vintage_is_stopped() -> None:
    assert not any(false_stops(VINTAGES).values())
