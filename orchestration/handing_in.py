"""Handing in: files are landed, judged, decided on and answered, one decision at a time.

The old accepted version stays in force until the new one is accepted. A file that is already in
force is recognised, one that was superseded or withdrawn is refused and says so.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain, count, groupby
from pathlib import Path
from typing import Any

from ingestion.submissions.facts import Reading
from ingestion.submissions.findings import Finding, is_acceptable
from ingestion.submissions.sandbox import Sandbox
from orchestration.arrivals import Arrival
from orchestration.earlier import Earlier
from orchestration.judging import Judged, hold_against, municipality_of, read, value_row
from orchestration.letter import letter
from orchestration.logs import about
from orchestration.registers import catalogue
from orchestration.settings import Settings
from orchestration.source_states import naive
from warehouse import landing
from warehouse import submissions as store
from warehouse.durable import write_bytes
from warehouse.landing import Landed
from warehouse.layout import Layout
from warehouse.submissions import SOURCE_ID, Standing, Submission

LOG = logging.getLogger(__name__)
OWNER_ONLY = 0o700
LICENCE = "Indberettet af kommunen til alliancen"
READERS = 2
RECEIPT, LETTER, COMMENTED = "kvittering.json", "kvittering.txt", "kommenteret.xlsx"


@dataclass(frozen=True)
class Receipt:
    """What somebody who handed something in is answered."""

    submission: Submission
    status: str
    file_name: str
    supersedes_id: str | None
    findings: tuple[Finding, ...]
    missing: tuple[dict[str, str], ...]
    is_known: bool = False
    """The very file was decided on before."""
    in_force_id: str | None = None
    """What counts for the municipality and year now."""

    def reply(self, layout: Layout) -> list[str]:
        """Files of the answer, relative to the state root."""
        folder = layout.replies / self.submission.submission_id
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        return [path.relative_to(layout.home).as_posix() for path in files]

    def row(self) -> dict[str, Any]:
        """As plain data."""
        submission = self.submission
        code = submission.municipality_code
        return {
            "submission_id": submission.submission_id,
            "status": self.status,
            "is_known": self.is_known,
            "file": self.file_name,
            "file_sha256": submission.file_sha256,
            "door": submission.door,
            "received_at": submission.received_at,
            "decided_at": submission.decided_at,
            "municipality_code": code,
            "municipality": catalogue().municipalities.get(code or ""),
            "year": submission.year,
            "supersedes_id": self.supersedes_id,
            "in_force_id": self.in_force_id,
            "form_id": submission.form_id,
            "accepted_cells": submission.facts_count if submission.verdict == "accepted" else 0,
            "errors": submission.errors_count,
            "warnings": submission.warnings_count,
            "findings": [entry.row() for entry in self.findings],
            "missing": list(self.missing),
        }


class Desk:
    """Decides on what was handed in, one report at a time."""

    def __init__(self, settings: Settings, sandbox: Sandbox) -> None:
        self.settings, self.sandbox = settings, sandbox
        self.earlier = Earlier(settings.layout)
        self.begun: dict[str, Submission] = {}

    def land(self, arrival: Arrival) -> None:
        """Keep the bytes and note that they came in; what was never decided on keeps its number."""
        waiting = self.earlier.of_file(arrival, "received")
        if waiting:
            self.begun[arrival.sha256] = waiting[0].submission
            return
        at = self.settings.now()
        landed = Landed(
            source_id=SOURCE_ID,
            release_id=arrival.sha256,
            extension=arrival.landed_extension,
            url="example" if arrival.is_example else "handed in",
            request={"file": arrival.file_name, "is_from_inbox": arrival.is_from_inbox},
            retrieved_at=at.isoformat(),
            provider_updated_at=None,
            transport="snapshot" if arrival.is_example else "live",
            licence=LICENCE,
            size_bytes=len(arrival.content),
        )
        landing.land(self.settings.layout, landed, arrival.content)
        (self.settings.layout.landing / SOURCE_ID).chmod(OWNER_ONLY)
        begun = Submission(
            submission_id=self._new_id(f"{at:%Y%m%dT%H%M%S}-{arrival.sha256[:12]}"),
            file_sha256=arrival.sha256,
            door=arrival.door,
            received_at=arrival.received_at or at.isoformat(),
            is_example=arrival.is_example,
        )
        store.receive(self.settings.layout, begun)
        self.begun[arrival.sha256] = begun

    def _new_id(self, base: str) -> str:
        again = (f"{base}.{number}" for number in count(2))
        name = next(name for name in chain([base], again) if name not in self.earlier.ids)
        self.earlier.ids.add(name)
        return name

    def decide(self, judged: Judged) -> Receipt:
        """Accept or refuse a report, and answer."""
        findings = (*judged.reading.findings, *self.earlier.findings(judged))
        reading = replace(judged.reading, findings=findings)
        submission = _submission(self, judged, reading)
        status, supersedes_id = self._record(submission, reading)
        receipt = Receipt(
            submission=submission,
            status=status,
            file_name=judged.arrival.file_name,
            supersedes_id=supersedes_id,
            findings=findings,
            missing=tuple(asdict(entry) for entry in reading.missing),
            in_force_id=self.earlier.in_force.get(store.chain_key(submission)),
        )
        with about(municipality=submission.municipality_code):
            LOG.info("report %s %s", submission.submission_id, status)
            self._answer(receipt, judged)
        return receipt

    def _record(self, submission: Submission, reading: Reading) -> tuple[str, str | None]:
        """Keep a decision; return its status and what it superseded."""
        is_accepted = submission.verdict == "accepted"
        cells = [_cell_row(submission, fact) for fact in map(value_row, reading.facts)]
        findings = [entry.row() for entry in reading.findings]
        contacts = reading.contacts if is_accepted else {}
        store.record(self.settings.layout, submission, cells, findings, contacts)
        if not is_accepted:
            return submission.verdict, None
        key = store.chain_key(submission)
        before = self.earlier.in_force.get(key)
        self.earlier.in_force[key] = submission.submission_id
        return submission.verdict, before

    def repeat(self, arrival: Arrival, standing: Standing) -> Receipt:
        """The receipt of a report that is in force already; its answer is written if it is not."""
        submission = standing.submission
        found = store.read_findings(self.settings.layout, submission)
        receipt = Receipt(
            submission=submission,
            status=standing.status,
            file_name=arrival.file_name,
            supersedes_id=standing.supersedes_id,
            findings=tuple(Finding(**row) for row in found),
            missing=(),
            is_known=True,
            in_force_id=submission.submission_id,
        )
        if not receipt.reply(self.settings.layout):
            self._write(receipt)
        return receipt

    def _answer(self, receipt: Receipt, judged: Judged) -> None:
        """Receipt for programs and for people, and the workbook with its faults marked."""
        self._write(receipt)
        if receipt.findings and judged.door == "workbook" and judged.reading.identity:
            commented = self.sandbox.annotate(judged.arrival.content, receipt.findings)
            if commented:
                write_bytes(self._folder(receipt) / COMMENTED, commented)

    def _write(self, receipt: Receipt) -> None:
        text = json.dumps(receipt.row(), ensure_ascii=False, indent=2)
        write_bytes(self._folder(receipt) / RECEIPT, f"{text}\n".encode())
        write_bytes(self._folder(receipt) / LETTER, letter(receipt.row()).encode())

    def _folder(self, receipt: Receipt) -> Path:
        self.settings.layout.replies.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        return self.settings.layout.replies / receipt.submission.submission_id


def hand_in(settings: Settings, arrivals: Sequence[Arrival]) -> list[Receipt]:
    """Take files in: land, judge, decide, answer.

    Args:
        settings: state root and clock.
        arrivals: the files, oldest first.

    Returns:
        One receipt per report: known files first, then in the order they were decided on.

    Raises:
        GateBrokenError: a check could not be judged; what was not decided on stays received.
    """
    return list(decisions(settings, arrivals))


def decisions(settings: Settings, arrivals: Sequence[Arrival]) -> Iterator[Receipt]:
    """The receipts of ``hand_in`` as they come, so that what is decided is known if it breaks."""
    with store.deciding(settings.layout), Sandbox(workers=READERS) as sandbox:
        desk = Desk(settings, sandbox)
        unknown: dict[str, Arrival] = {}
        for arrival in arrivals:
            known = (
                None if arrival.extension == "csv" else desk.earlier.of_file(arrival, "accepted")
            )
            if known:
                yield desk.repeat(arrival, known[0])
            else:
                unknown.setdefault(arrival.sha256, arrival)
        for arrival in unknown.values():
            desk.land(arrival)
        reports = read(settings, list(unknown.values()), sandbox)
        for _year, group in groupby(sorted(reports, key=_year_of), key=_year_of):
            yield from _decide_year(desk, list(group))


def _year_of(judged: Judged) -> int:
    return judged.year


def _decide_year(desk: Desk, reports: Sequence[Judged]) -> Iterator[Receipt]:
    """Reports of one year: an export that came before may hold some that are in force already."""
    new = []
    for judged in reports:
        standing = desk.earlier.accepted(judged)
        if standing:
            yield desk.repeat(judged.arrival, standing)
        else:
            new.append(judged)
    for judged in _held(desk.settings, new):
        yield desk.decide(judged)


def _held(settings: Settings, reports: list[Judged]) -> list[Judged]:
    """Hold reports against the past; where that breaks, one by one, so that one stops no other.

    Raises:
        GateBrokenError: it breaks for each of them.
    """
    from expectations.verdict import GateBrokenError

    try:
        return hold_against(settings, reports)
    except GateBrokenError:
        if len(reports) == 1:
            raise
    held: list[Judged] = []
    for report in reports:
        try:
            held += hold_against(settings, [report])
        except GateBrokenError as error:
            LOG.error("a report could not be judged and stays received", exc_info=error)
            broken = error
    if not held:
        raise broken
    return held


def _submission(desk: Desk, judged: Judged, reading: Reading) -> Submission:
    identity = reading.identity
    accepted = identity is not None and is_acceptable(reading.findings)
    severities = [entry.severity for entry in reading.findings]
    begun = desk.begun[judged.arrival.sha256]
    return replace(
        begun,
        submission_id=f"{begun.submission_id}-{judged.number}"
        if judged.number
        else begun.submission_id,
        door=judged.door,
        verdict="accepted" if accepted else "rejected",
        decided_at=desk.settings.now().isoformat(),
        form_id=identity.form_id if identity else None,
        form_version=identity.form_version if identity else None,
        municipality_code=municipality_of(judged),
        year=identity.year if identity else None,
        errors_count=severities.count("error"),
        warnings_count=severities.count("warning"),
        facts_count=len(reading.facts),
        missing_count=len(reading.missing),
        prepared_on=_day_of(reading, "prepared_on"),
        approved_on=_day_of(reading, "approved_on"),
    )


def _day_of(reading: Reading, row_key: str) -> str | None:
    days = (f.date for f in reading.facts if f.block == "municipality" and f.row_key == row_key)
    day = next(days, None)
    return day.isoformat() if day else None


def _cell_row(submission: Submission, values: dict[str, Any]) -> dict[str, Any]:
    """A row of the store's ``CELLS``."""
    return {
        **values,
        "submission_id": submission.submission_id,
        "form_id": submission.form_id,
        "municipality_code": submission.municipality_code,
        "year": submission.year,
        "file_sha256": submission.file_sha256,
        "recorded_at": naive(str(submission.decided_at)),
        "is_example": submission.is_example,
    }
