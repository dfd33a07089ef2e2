"""What a release answers for, and what it does not."""

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.warehouse.publishing import AT, TABLES, audited, laid_out, make_draft
from warehouse.draft import Draft
from warehouse.holds import Hold, HoldRelease, NotReleasableError, accept_last, given, standing
from warehouse.layout import Layout
from warehouse.outcomes import RunRecord, record_run
from warehouse.promotion import require_audited
from warehouse.publications import HeldError

HOLD = Hold("fct_value", "sums", "area, 2026", 100.0, 80.0, 0.2, 0.1)
MOMENT = AT.isoformat()
HELD = RunRecord(
    "r1", MOMENT, MOMENT, "held", "v2", "gate 3: …", "snapshot", "inputs", "v1", (HOLD,)
)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = laid_out(tmp_path / "data")
    record_run(layout, HELD)
    return layout


def accepted(layout: Layout) -> HoldRelease:
    return accept_last(layout, "v1", " Ane  Holm ", "Regnet om", MOMENT)


def test_a_release_names_what_it_answers_for(layout: Layout) -> None:
    release = accepted(layout)
    assert (release.by, release.reason, release.holds) == ("Ane Holm", "Regnet om", (HOLD,))
    assert given(layout) == [release]
    assert standing(layout, "inputs", "v1") == release


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("  ", "why"), ("Ane", ""), ("Ane", "\n")])
def test_a_release_has_a_name_and_a_reason(layout: Layout, by: str, reason: str) -> None:
    with pytest.raises(ValueError, match="--by"):
        accept_last(layout, "v1", by, reason, MOMENT)
    assert given(layout) == []


@pytest.mark.parametrize(("inputs", "current"), [("others", "v1"), ("inputs", "v0")])
def test_it_does_not_stand_for_other_inputs_or_another_comparison(
    layout: Layout, inputs: str, current: str
) -> None:
    accepted(layout)
    assert standing(layout, inputs, current) is None


@pytest.mark.parametrize("result", ["published", "held"])
def test_the_next_attempt_ends_it(layout: Layout, result: str) -> None:
    accepted(layout)
    record_run(layout, replace(HELD, run_id="r2", result=result))
    assert standing(layout, "inputs", "v1") is None


@pytest.mark.parametrize("result", ["failed", "unchanged", "taken in", "recovered"])
def test_what_is_no_attempt_leaves_it(layout: Layout, result: str) -> None:
    accepted(layout)
    record_run(layout, replace(HELD, run_id="r2", result=result, holds=()))
    assert standing(layout, "inputs", "v1") is not None


@pytest.mark.parametrize(
    ("last", "current", "told"),
    [
        pytest.param({"result": "published"}, "v1", "Nothing is held", id="nothing held"),
        pytest.param({"holds": ()}, "v1", "no error is ever released", id="an error"),
        pytest.param({}, "v7", "readers see v7", id="another publication"),
    ],
)
def test_what_cannot_be_released_is_refused(
    layout: Layout, last: dict[str, object], current: str, told: str
) -> None:
    record_run(layout, replace(HELD, run_id="r2", **last))  # type: ignore[arg-type]
    with pytest.raises(NotReleasableError, match=re.escape(told)):
        accept_last(layout, current, "Ane Holm", "Regnet om", MOMENT)
    assert given(layout) == []


def test_nothing_is_released_before_the_first_attempt(tmp_path: Path) -> None:
    with pytest.raises(NotReleasableError, match="Nothing is held"):
        accept_last(laid_out(tmp_path / "data"), None, "Ane Holm", "Regnet om", MOMENT)


def test_it_is_given_once(layout: Layout) -> None:
    accepted(layout)
    with pytest.raises(NotReleasableError, match="was released by Ane Holm"):
        accepted(layout)


def test_a_row_of_a_run_before_there_were_holds_is_an_error(layout: Layout) -> None:
    from warehouse.durable import append_json_line

    row = {
        key: value for key, value in asdict(HELD).items() if key not in ("holds", "compared_with")
    }
    append_json_line(layout.outcomes / "runs.jsonl", {**row, "run_id": "r2"})
    with pytest.raises(NotReleasableError, match="an error"):
        accepted(layout)


OTHERS: list[Callable[[Hold], Hold]] = [
    lambda hold: replace(hold, moved=0.21),
    lambda hold: replace(hold, subject="area, 2025"),
    lambda hold: replace(hold, rule="coverage"),
    lambda hold: replace(hold, table="dim_year"),
]


@pytest.mark.parametrize("change", OTHERS)
def test_another_hold_or_a_worse_one_is_held_with_all_that_was_seen(
    layout: Layout, change: Callable[[Hold], Hold]
) -> None:
    draft, release = make_draft(layout), accepted(layout)
    worse = change(HOLD)
    with pytest.raises(HeldError) as caught:
        judged(draft, (HOLD, worse), release)
    assert caught.value.holds == (HOLD, worse)


def judged(
    draft: Draft, holds: tuple[Hold, ...], release: HoldRelease | None, *failures: str
) -> None:
    audits = audited(draft)
    audits["fct_value"] = replace(audits["fct_value"], holds=holds, failures=failures)
    require_audited(draft, audits, TABLES, release)


@pytest.mark.parametrize("moved", [0.2, 0.11])
def test_what_was_accepted_or_is_better_passes(layout: Layout, moved: float) -> None:
    judged(make_draft(layout), (replace(HOLD, moved=moved),), accepted(layout))


def test_a_hold_without_a_release_holds_and_says_by_how_much(layout: Layout) -> None:
    with pytest.raises(HeldError) as caught:
        judged(make_draft(layout), (HOLD,), None)
    assert caught.value.reasons == (
        "fct_value: sums: area, 2026: 80 against 100 in the last publication; moved 20.0%, "
        "the limit is 10.0%",
    )


def test_an_error_holds_in_spite_of_the_release_and_leaves_nothing_to_accept(
    layout: Layout,
) -> None:
    with pytest.raises(HeldError) as caught:
        judged(make_draft(layout), (HOLD,), accepted(layout), "key: 1 of 3")
    assert caught.value.holds == ()
    assert len(caught.value.reasons) == 2
