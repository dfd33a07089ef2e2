"""Submissions as they are kept: append-only decisions, the facts of each accepted one, who counts.

Under ``landing/municipal_submissions/`` lie the bytes as they came; under ``accepted/…`` the facts
and findings of what was accepted; under ``quarantine/…`` the findings of what was refused.
``outcomes/submissions.jsonl`` has one line per decision: what is in force follows from
those lines alone. Names and mail addresses lie apart, under ``private/``.
"""

import fcntl
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from warehouse.durable import append_json_line, read_json_lines, write_json
from warehouse.layout import Layout

SOURCE_ID = "municipal_submissions"
Status = Literal["received", "rejected", "accepted", "superseded", "withdrawn"]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Submission:
    """One report that was handed in; times are UTC in ISO form.

    What only reading it can tell is None until it is decided on.
    """

    submission_id: str
    file_sha256: str
    door: str
    received_at: str
    is_example: bool = False
    verdict: Literal["received", "accepted", "rejected"] = "received"
    decided_at: str | None = None
    form_id: str | None = None
    form_version: int | None = None
    municipality_code: str | None = None
    year: int | None = None
    errors_count: int = 0
    warnings_count: int = 0
    facts_count: int = 0
    missing_count: int = 0
    prepared_on: str | None = None
    approved_on: str | None = None


@dataclass(frozen=True)
class Standing:
    """Where a submission stands now."""

    submission: Submission
    status: Status
    is_in_force: bool = False
    supersedes_id: str | None = None
    superseded_by_id: str | None = None
    withdrawn_reason: str | None = None


class SubmissionError(LookupError):
    """No such submission, or not one that can be treated so."""


@contextmanager
def deciding(layout: Layout) -> Iterator[None]:
    """One decision at a time, from reading what is in force to writing what follows."""
    with _lock_file(layout).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def nobody_deciding(layout: Layout) -> Iterator[bool]:
    """Whether nobody decides just now; if so, nobody begins to while this lasts. Never waits."""
    with _lock_file(layout).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _lock_file(layout: Layout) -> Path:
    layout.home.mkdir(parents=True, exist_ok=True)
    return layout.home / "submissions.lock"


def receive(layout: Layout, submission: Submission) -> None:
    """Note that a file came in, before anybody reads it."""
    append_json_line(_decisions_path(layout), {"event": "received", **asdict(submission)})


def record(
    layout: Layout,
    submission: Submission,
    cells: Sequence[Row],
    findings: Sequence[Row],
    contacts: Mapping[str, str],
) -> None:
    """Keep a decision; it counts once its line is written.

    Args:
        layout: the state root.
        submission: the decision.
        cells: rows of ``warehouse.submission_cells``; kept when accepted.
        findings: what was found.
        contacts: private answers, readable by the owner of the state root alone.
    """
    write_json(_findings_path(layout, submission), list(findings))
    if submission.verdict == "accepted":
        from warehouse.submission_cells import write_cells

        write_cells(layout, submission.submission_id, cells)
    if contacts:
        _keep_private(layout, submission.submission_id, contacts)
    append_json_line(_decisions_path(layout), {"event": "decided", **asdict(submission)})


def _keep_private(layout: Layout, submission_id: str, contacts: Mapping[str, str]) -> None:
    folder = layout.private / SOURCE_ID
    folder.mkdir(parents=True, exist_ok=True)
    layout.private.chmod(0o700)
    path = folder / f"{submission_id}.json"
    write_json(path, dict(contacts))
    path.chmod(0o600)


def withdraw(layout: Layout, submission_id: str, at: str, reason: str) -> None:
    """Take an accepted submission out of force; the one it superseded counts again.

    Raises:
        SubmissionError: no such submission, or it was never accepted, or it is withdrawn already.
    """
    known = {standing.submission.submission_id: standing for standing in standings(layout)}
    found = known.get(submission_id)
    if found is None:
        raise SubmissionError(f"There is no submission {submission_id}.")
    if found.status not in ("accepted", "superseded"):
        raise SubmissionError(f"{submission_id} is {found.status}; nothing to withdraw.")
    line = {"event": "withdrawn", "submission_id": submission_id, "at": at, "reason": reason}
    append_json_line(_decisions_path(layout), line)


def standings(layout: Layout, *, with_examples: bool = True) -> list[Standing]:
    """Every submission so far and where it stands, oldest first.

    Args:
        layout: the state root.
        with_examples: whether invented examples count; they never count beside a real submission
            for the same municipality and year.
    """
    decided, withdrawn = _replay(read_json_lines(_decisions_path(layout)))
    chains: dict[tuple[Any, ...], list[Submission]] = {}
    for submission in decided:
        if submission.verdict == "accepted":
            chains.setdefault(chain_key(submission), []).append(submission)
    stands = {s.submission_id: Standing(s, s.verdict) for s in decided}
    for chain in chains.values():
        stands.update(_stand_chain(chain, withdrawn))
    return [_counted(standing, chains, with_examples, withdrawn) for standing in stands.values()]


def _replay(lines: Iterable[Row]) -> tuple[list[Submission], dict[str, str]]:
    """Submissions in the order of their decisions, and why some were withdrawn."""
    known: dict[str, Submission] = {}
    withdrawn = {}
    for line in lines:
        entry = dict(line)
        if entry.pop("event", None) == "withdrawn":
            withdrawn[entry["submission_id"]] = entry["reason"]
        else:
            known.pop(entry["submission_id"], None)
            known[entry["submission_id"]] = Submission(**entry)
    return list(known.values()), withdrawn


def chain_key(submission: Submission) -> tuple[Any, ...]:
    """Submissions that supersede one another; an example never supersedes a real one."""
    return (
        submission.form_id,
        submission.municipality_code,
        submission.year,
        submission.is_example,
    )


def _stand_chain(chain: Sequence[Submission], withdrawn: Mapping[str, str]) -> dict[str, Standing]:
    """The newest that is not withdrawn is accepted, those before it are superseded."""
    valid = [s for s in chain if s.submission_id not in withdrawn]
    stands = {
        s.submission_id: Standing(s, "withdrawn", withdrawn_reason=withdrawn[s.submission_id])
        for s in chain
        if s.submission_id in withdrawn
    }
    for number, submission in enumerate(valid):
        before = valid[number - 1].submission_id if number else None
        after = valid[number + 1].submission_id if number + 1 < len(valid) else None
        stands[submission.submission_id] = Standing(
            submission,
            "superseded" if after else "accepted",
            is_in_force=after is None,
            supersedes_id=before,
            superseded_by_id=after,
        )
    return stands


def _counted(
    standing: Standing,
    chains: Mapping[tuple[Any, ...], Sequence[Submission]],
    with_examples: bool,
    withdrawn: Mapping[str, str],
) -> Standing:
    submission = standing.submission
    if not submission.is_example:
        return standing
    has_real = any(
        other.submission_id not in withdrawn
        for (_form, code, year, is_example), chain in chains.items()
        if (code, year, is_example) == (submission.municipality_code, submission.year, False)
        for other in chain
    )
    return replace(standing, is_in_force=standing.is_in_force and with_examples and not has_real)


def read_findings(layout: Layout, submission: Submission) -> list[dict[str, Any]]:
    """What was found in a submission."""
    text = _findings_path(layout, submission).read_text(encoding="utf-8")
    findings: list[dict[str, Any]] = json.loads(text)
    return findings


def _findings_path(layout: Layout, submission: Submission) -> Path:
    folder = layout.accepted if submission.verdict == "accepted" else layout.quarantine
    return folder / SOURCE_ID / f"{submission.submission_id}.json"


def _decisions_path(layout: Layout) -> Path:
    return layout.outcomes / "submissions.jsonl"


def day(text: str | None) -> date | None:
    """An ISO day as a date."""
    return date.fromisoformat(text) if text else None
