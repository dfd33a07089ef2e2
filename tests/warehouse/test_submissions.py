"""What is in force follows from the decisions, whatever their order, and nothing is lost."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse import submissions as store
from warehouse.layout import Layout
from warehouse.submission_cells import CELLS, read_cells
from warehouse.submissions import Submission, SubmissionError

AT = "2026-01-05T10:00:00+00:00"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "state")
    made.prepare()
    return made


def accepted(number: int, **changes: object) -> Submission:
    made = Submission(
        submission_id=f"s{number}",
        file_sha256=f"{number:064x}",
        door="workbook",
        received_at=AT,
        verdict="accepted",
        decided_at=AT,
        form_id="report",
        form_version=1,
        municipality_code="0147",
        year=2025,
        facts_count=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def keep(layout: Layout, submission: Submission, value: float = 1.0) -> None:
    cell = dict.fromkeys(CELLS.names)
    cell.update(submission_id=submission.submission_id, value_number=value, is_example=False)
    store.record(layout, submission, [cell], [{"code": "x"}], {"prepared_by": "Somebody"})


def in_force(layout: Layout, *, with_examples: bool = True) -> list[str]:
    known = store.standings(layout, with_examples=with_examples)
    return [s.submission.submission_id for s in known if s.is_in_force]


def status(layout: Layout) -> dict[str, str]:
    return {s.submission.submission_id: s.status for s in store.standings(layout)}


def test_a_file_that_was_only_received_is_not_in_force(layout: Layout) -> None:
    store.receive(layout, Submission("s1", "0" * 64, "workbook", AT))
    assert status(layout) == {"s1": "received"}
    assert in_force(layout) == []


def test_a_decision_replaces_the_note_that_the_file_came_in(layout: Layout) -> None:
    store.receive(layout, Submission("s1", "0" * 64, "workbook", AT))
    keep(layout, accepted(1))
    assert status(layout) == {"s1": "accepted"}


def test_a_resubmission_supersedes_and_both_facts_are_kept(layout: Layout) -> None:
    keep(layout, accepted(1), 1.0)
    keep(layout, accepted(2), 2.0)
    first, second = store.standings(layout)
    assert (first.status, first.superseded_by_id) == ("superseded", "s2")
    assert (second.status, second.supersedes_id) == ("accepted", "s1")
    rows = read_cells(layout, [first.submission, second.submission])
    assert [row["value_number"] for row in rows] == [1.0, 2.0]


def test_a_rejected_resubmission_leaves_the_old_one_in_force(layout: Layout) -> None:
    keep(layout, accepted(1))
    keep(layout, accepted(2, verdict="rejected"))
    assert in_force(layout) == ["s1"]
    assert status(layout)["s2"] == "rejected"


def test_withdrawing_brings_the_one_before_back(layout: Layout) -> None:
    keep(layout, accepted(1))
    keep(layout, accepted(2))
    store.withdraw(layout, "s2", AT, "sent by mistake")
    assert in_force(layout) == ["s1"]
    assert status(layout) == {"s1": "accepted", "s2": "withdrawn"}


@pytest.mark.parametrize("submission_id", ["s2", "unknown"])
def test_only_what_was_accepted_can_be_withdrawn(layout: Layout, submission_id: str) -> None:
    keep(layout, accepted(1))
    keep(layout, accepted(2, verdict="rejected"))
    with pytest.raises(SubmissionError, match=submission_id):
        store.withdraw(layout, submission_id, AT, "no reason")
    assert in_force(layout) == ["s1"]


def test_other_municipalities_years_and_forms_are_chains_of_their_own(layout: Layout) -> None:
    keep(layout, accepted(1))
    keep(layout, accepted(2, municipality_code="0751"))
    keep(layout, accepted(3, year=2024))
    keep(layout, accepted(4, form_id="cdp"))
    assert in_force(layout) == ["s1", "s2", "s3", "s4"]


def test_an_example_counts_only_until_a_real_report_is_there(layout: Layout) -> None:
    keep(layout, accepted(1, is_example=True))
    assert in_force(layout) == ["s1"]
    assert in_force(layout, with_examples=False) == []
    keep(layout, accepted(2))
    assert in_force(layout) == ["s2"]
    store.withdraw(layout, "s2", AT, "mistake")
    assert in_force(layout) == ["s1"]


def test_names_lie_apart_and_only_the_owner_can_read_them(layout: Layout) -> None:
    keep(layout, accepted(1))
    (path,) = layout.private.rglob("*.json")
    assert json.loads(path.read_text()) == {"prepared_by": "Somebody"}
    assert path.stat().st_mode & 0o077 == 0
    assert layout.private.stat().st_mode & 0o077 == 0
    elsewhere = [
        p for p in layout.home.rglob("*") if p.is_file() and layout.private not in p.parents
    ]
    assert not any(b"Somebody" in p.read_bytes() for p in elsewhere)


def test_a_torn_last_line_is_no_decision(layout: Layout) -> None:
    keep(layout, accepted(1))
    path = layout.outcomes / "submissions.jsonl"
    with path.open("a") as handle:
        handle.write('{"event": "decided", "submission_id": "s2", "verd')
    assert in_force(layout) == ["s1"]
    keep(layout, accepted(3))
    assert in_force(layout) == ["s3"]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["accepted", "rejected", "withdraw"]),
            st.sampled_from(["0147", "0751"]),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_at_most_one_report_is_in_force_and_it_is_the_newest_valid_one(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, str, bool]]
) -> None:
    layout = Layout(tmp_path_factory.mktemp("store"))
    layout.prepare()
    expected: dict[tuple[str, bool], list[str]] = {}
    for number, (event, code, is_example) in enumerate(events):
        chain = expected.setdefault((code, is_example), [])
        if event == "withdraw":
            if chain:
                store.withdraw(layout, chain.pop(), AT, "mistake")
            continue
        changes = {"municipality_code": code, "is_example": is_example, "verdict": event}
        keep(layout, accepted(number, **changes))
        if event == "accepted":
            chain.append(f"s{number}")
    newest = {key: chain[-1] for key, chain in expected.items() if chain}
    real = {code for code, is_example in newest if not is_example}
    wanted = {i for (code, example), i in newest.items() if not example or code not in real}
    assert set(in_force(layout)) == wanted
