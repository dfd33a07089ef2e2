"""Handing in: files are landed, judged, decided on and answered, one decision at a time.

The old accepted version stays in force until the new one is accepted. A file that is already in
force is recognised, one that was superseded or withdrawn is refused and says so.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain, count, groupby
from typing import Any

from ingestion.submissions.cells import Place
from ingestion.submissions.facts import Reading
from ingestion.submissions.findings import Finding, finding, is_acceptable
from ingestion.submissions.sandbox import Sandbox
from orchestration.arrivals import Arrival
from orchestration.judging import Judged, catalogue, hold_against, read, value_row
from orchestration.letter import letter
from orchestration.settings import Settings
from orchestration.source_states import naive
from warehouse import landing
from warehouse import submissions as store
from warehouse.durable import write_bytes
from warehouse.landing import Landed
from warehouse.layout import Layout
from warehouse.submissions import SOURCE_ID, Standing, Submission

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
            "accepted_cells": submission.facts_count if submission.verdict == "accepted" else 0,
            "errors": submission.errors_count,
            "warnings": submission.warnings_count,
            "findings": [entry.row() for entry in self.findings],
            "missing": list(self.missing),
        }


class Desk:
    """Decides on what was handed in; knows where every submission stood when it was opened."""

    def __init__(self, settings: Settings, sandbox: Sandbox) -> None:
        self.settings, self.sandbox = settings, sandbox
        self.ids: set[str] = set()
        self.begun: dict[str, Submission] = {}
        self.by_file: dict[str, list[Standing]] = {}
        self.in_force: dict[tuple[Any, ...], str] = {}
        for standing in store.standings(settings.layout):
            submission = standing.submission
            self.ids.add(submission.submission_id)
            self.by_file.setdefault(submission.file_sha256, []).append(standing)
            if standing.status == "accepted":
                self.in_force[store.chain_key(submission)] = submission.submission_id

    def earlier(self, arrival: Arrival, *statuses: str) -> list[Standing]:
        """Submissions of the very file that stand so; examples and real ones are kept apart."""
        return [
            standing
            for standing in self.by_file.get(arrival.sha256, [])
            if standing.status in statuses and standing.submission.is_example == arrival.is_example
        ]

    def begin(self, arrival: Arrival) -> Submission:
        """Note that a file came in; one that was never decided on keeps its number."""
        waiting = next((s.submission for s in self.earlier(arrival, "received")), None)
        if waiting is None:
            at = self.settings.now()
            base = f"{at:%Y%m%dT%H%M%S}-{arrival.sha256[:12]}"
            again = (f"{base}.{number}" for number in count(2))
            name = next(name for name in chain([base], again) if name not in self.ids)
            waiting = Submission(
                submission_id=name,
                file_sha256=arrival.sha256,
                door="cdp" if arrival.extension == "csv" else "workbook",
                received_at=at.isoformat(),
                is_example=arrival.is_example,
            )
            store.receive(self.settings.layout, waiting)
        self.ids.add(waiting.submission_id)
        self.begun[arrival.sha256] = waiting
        return waiting

    def record(self, submission: Submission, reading: Reading) -> tuple[str, str | None]:
        """Keep a decision; return its status and what it superseded."""
        cells = [_cell_row(submission, fact) for fact in map(value_row, reading.facts)]
        findings = [entry.row() for entry in reading.findings]
        store.record(self.settings.layout, submission, cells, findings, reading.contacts)
        if submission.verdict != "accepted":
            return submission.verdict, None
        key = store.chain_key(submission)
        before = self.in_force.get(key)
        self.in_force[key] = submission.submission_id
        return submission.verdict, before


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
    with store.deciding(settings.layout), Sandbox(workers=READERS) as sandbox:
        desk = Desk(settings, sandbox)
        known = [(a, s) for a in arrivals for s in desk.earlier(a, "accepted")]
        receipts = [_repeated(settings, arrival, standing) for arrival, standing in known]
        unknown = {a.sha256: a for a in arrivals if not desk.earlier(a, "accepted")}
        for arrival in unknown.values():
            _land(desk, arrival)
        reports = sorted(read(settings, list(unknown.values()), sandbox), key=_report_year)
        for _year, group in groupby(reports, key=_report_year):
            receipts += [_decide(desk, judged) for judged in hold_against(settings, list(group))]
    return receipts


def _report_year(judged: Judged) -> int:
    identity = judged.reading.identity
    return identity.year if identity else 0


def _repeated(settings: Settings, arrival: Arrival, standing: Standing) -> Receipt:
    found = store.read_findings(settings.layout, standing.submission)
    return Receipt(
        submission=standing.submission,
        status=standing.status,
        file_name=arrival.file_name,
        supersedes_id=standing.supersedes_id,
        findings=tuple(Finding(**row) for row in found),
        missing=(),
        is_known=True,
    )


def _land(desk: Desk, arrival: Arrival) -> None:
    landed = Landed(
        source_id=SOURCE_ID,
        release_id=arrival.sha256,
        extension=arrival.extension if arrival.extension.isalnum() else "bin",
        url="example" if arrival.is_example else "handed in",
        request={"file": arrival.file_name},
        retrieved_at=desk.settings.now().isoformat(),
        provider_updated_at=None,
        transport="snapshot" if arrival.is_example else "live",
        licence=LICENCE,
        size_bytes=len(arrival.content),
    )
    landing.land(desk.settings.layout, landed, arrival.content)
    desk.begin(arrival)


def _decide(desk: Desk, judged: Judged) -> Receipt:
    findings = (*judged.reading.findings, *_history(desk, judged))
    reading = replace(judged.reading, findings=findings)
    submission = _submission(desk, judged, reading)
    status, supersedes_id = desk.record(submission, reading)
    receipt = Receipt(
        submission=submission,
        status=status,
        file_name=judged.arrival.file_name,
        supersedes_id=supersedes_id,
        findings=findings,
        missing=tuple(asdict(entry) for entry in reading.missing),
    )
    _answer(desk, receipt, judged)
    return receipt


def _history(desk: Desk, judged: Judged) -> Iterator[Finding]:
    """An earlier version of the very file, superseded or withdrawn, may not come back unseen."""
    identity = judged.reading.identity
    for standing in desk.earlier(judged.arrival, "superseded", "withdrawn"):
        earlier = standing.submission
        about = (_municipality(judged), identity.year if identity else None)
        if (earlier.municipality_code, earlier.year) != about:
            continue
        if standing.status == "superseded":
            yield finding("file-superseded-already", Place(), found=standing.superseded_by_id)
        else:
            yield finding("file-withdrawn-already", Place(), found=standing.withdrawn_reason)


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
        municipality_code=_municipality(judged),
        year=identity.year if identity else None,
        errors_count=severities.count("error"),
        warnings_count=severities.count("warning"),
        facts_count=len(reading.facts),
        missing_count=len(reading.missing),
        prepared_on=_day_of(reading, "prepared_on"),
        approved_on=_day_of(reading, "approved_on"),
    )


def _municipality(judged: Judged) -> str | None:
    """Whose report it is; the registers are nobody's."""
    identity = judged.reading.identity
    is_known = identity is not None and identity.municipality_code in catalogue().municipalities
    return identity.municipality_code if identity and is_known else None


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


def _answer(desk: Desk, receipt: Receipt, judged: Judged) -> None:
    """Receipt for programs and for people, and the workbook with its faults marked."""
    folder = desk.settings.layout.replies / receipt.submission.submission_id
    text = json.dumps(receipt.row(), ensure_ascii=False, indent=2)
    write_bytes(folder / RECEIPT, f"{text}\n".encode())
    write_bytes(folder / LETTER, letter(receipt.row()).encode())
    if receipt.findings and judged.door == "workbook" and judged.reading.identity:
        commented = desk.sandbox.annotate(judged.arrival.content, receipt.findings)
        if commented:
            write_bytes(folder / COMMENTED, commented)
