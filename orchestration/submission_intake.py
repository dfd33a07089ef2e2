"""The submissions' part of a run: what waits is handed in, and readers are told how it went."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.fingerprint import digest_of
from orchestration.inbox import (
    clear,
    read_waiting,
    waiting_examples,
    waiting_files,
    waiting_received,
)
from orchestration.machine import reraise_if_of_the_machine
from orchestration.settings import Settings
from orchestration.source_states import naive
from warehouse import outcomes
from warehouse import submissions as store
from warehouse.outcomes import Outcome
from warehouse.submissions import SOURCE_ID, Standing

if TYPE_CHECKING:
    from orchestration.handing_in import Receipt

LOG = logging.getLogger(__name__)
TITLE = "Kommunernes indberetninger til klimaalliancen"
LICENCE = "Indberettet af kommunerne til offentliggørelse i alliancens monitorering"
CELLS_TABLE, REPORT_FORM = "submission_cell", "report"
DUE_YEARS, LATE_YEARS = 2, 3


@dataclass(frozen=True)
class IntakeResult:
    """What one look at the inbox came to."""

    receipts: "tuple[Receipt, ...]" = ()
    trouble: str | None = None


class SubmissionIntake:
    """Takes in what waits, once per run."""

    def __init__(self, settings: Settings, run_id: str) -> None:
        self.settings, self.run_id, self.layout = settings, run_id, settings.layout
        self.receipts: list[Receipt] = []

    def has_arrivals(self) -> bool:
        """Whether anything waits to be handed in."""
        return bool(
            waiting_files(self.settings)
            or waiting_examples(self.settings)
            or waiting_received(self.settings)
        )

    @property
    def is_taken_in(self) -> bool:
        """Whether this run has handed in what waited."""
        return "result" in self.__dict__

    @cached_property
    def result(self) -> IntakeResult:
        """Hand in what waits; one bad file never stops the others, and trouble never the run."""
        started = time.monotonic()
        try:
            self._hand_in()
            result = IntakeResult(tuple(self.receipts))
        except Exception as error:
            reraise_if_of_the_machine(error)
            LOG.error("submissions could not be judged", exc_info=error)
            # The fault's own words may hold names and paths; they stand in the log.
            told = (
                f"Reports could not be judged ({type(error).__name__}); the next run tries again."
            )
            result = IntakeResult(tuple(self.receipts), told)
        self._record(result, time.monotonic() - started)
        return result

    def _hand_in(self) -> None:
        """Examples, then the inbox with what was begun; decided files leave the inbox in any case.

        A file that was begun and still lies in the inbox is the inbox's.
        """
        from orchestration.handing_in import decisions

        examples = waiting_examples(self.settings)
        if examples:
            self.receipts += decisions(self.settings, examples)
        waiting = read_waiting(waiting_files(self.settings))
        left = [arrival for _path, arrival in waiting]
        arrivals = [*left, *waiting_received(self.settings)]
        decided: set[str] = set()
        try:
            if arrivals:
                for receipt in decisions(self.settings, arrivals):
                    self.receipts.append(receipt)
                    decided.add(receipt.submission.file_sha256)
        finally:
            for path, arrival in waiting:
                if arrival.sha256 in decided:
                    clear(self.settings, path, arrival)

    def _record(self, result: IntakeResult, seconds: float) -> None:
        decided = [receipt for receipt in result.receipts if not receipt.is_known]
        word = "failed" if result.trouble else "accepted" if decided else "unchanged"
        refused = [r for r in decided if r.status == "rejected"]
        outcomes.record(
            self.layout,
            Outcome(
                run_id=self.run_id,
                source_id=SOURCE_ID,
                at=self.settings.now().isoformat(),
                result=word,
                reason=result.trouble,
                rows_read=len(decided),
                rows_accepted=len(decided) - len(refused),
                rows_quarantined=len(refused),
                transport=self.settings.transport,
                seconds=round(seconds, 3),
            ),
        )

    @cached_property
    def standings(self) -> list[Standing]:
        """Where every submission stands, once those that waited were taken in."""
        is_snapshot = self.settings.transport == "snapshot"
        known = store.standings(self.layout, with_examples=is_snapshot)
        return [s for s in known if is_snapshot or not s.submission.is_example]

    @property
    def in_force(self) -> tuple[str, ...]:
        """Ids of the submissions that count."""
        return tuple(sorted(s.submission.submission_id for s in self.standings if s.is_in_force))

    @property
    def fingerprint(self) -> str:
        """Every submission and where it stands."""
        return digest_of(
            [(s.submission.submission_id, s.status, s.is_in_force) for s in self.standings]
        )

    @property
    def available(self) -> frozenset[str]:
        """Names of the raw tables that hold anything, for the audit."""
        return frozenset({CELLS_TABLE}) if self.in_force else frozenset()

    def cell_files(self) -> dict[str, Path]:
        """The facts of every accepted submission by its id, superseded ones included."""
        from warehouse.submission_cells import cells_path

        accepted = [s.submission for s in self.standings if s.submission.verdict == "accepted"]
        return {s.submission_id: cells_path(self.layout, s) for s in accepted}

    def notes(self) -> tuple[str, ...]:
        """What the manifest says of invented submissions."""
        examples = [
            s.submission for s in self.standings if s.is_in_force and s.submission.is_example
        ]
        if not examples:
            return ()
        told = ", ".join(f"{s.municipality_code} {s.year}" for s in examples)
        return (f"{len(examples)} submissions are invented examples (is_example): {told}.",)

    def control_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Rows of the control tables ``submission`` and ``submission_finding``."""
        decided = [s for s in self.standings if s.submission.verdict != "received"]
        return {
            "submission": [
                {**_submission_row(standing), "decision_number": number}
                for number, standing in enumerate(self.standings, 1)
            ],
            "submission_finding": [
                {"submission_id": s.submission.submission_id, "finding_number": number, **row}
                for s in decided
                for number, row in enumerate(store.read_findings(self.layout, s.submission), 1)
            ],
        }

    def state_row(self) -> dict[str, Any]:
        """The submissions' row among the sources' states."""
        last = outcomes.last_outcomes(self.layout, SOURCE_ID)[0]
        in_force = [
            s.submission
            for s in self.standings
            if s.is_in_force and s.submission.form_id == REPORT_FORM
        ]
        newest = max((s.year or 0 for s in in_force), default=None)
        state, reason = _state(last, newest, len(in_force), self.settings.now())
        decided_at = max((str(s.decided_at) for s in in_force), default=None)
        return {
            "source_id": SOURCE_ID,
            "state": state,
            "reason": reason,
            "last_looked_at": naive(last.at) if last else None,
            "last_changed_at": naive(decided_at) if decided_at else None,
            "last_accepted_at": naive(decided_at) if decided_at else None,
            "latest_period": str(newest) if newest else None,
            "age_days": (self.settings.now() - datetime.fromisoformat(decided_at)).days
            if decided_at
            else None,
            "rows_read": sum(s.facts_count for s in in_force),
            "rows_accepted": sum(s.facts_count for s in in_force),
            "rows_set_aside": 0,
            "rows_quarantined": sum(s.status == "rejected" for s in self.standings),
            "transport": self.settings.transport,
        }


def _state(last: Outcome | None, newest: int | None, count: int, now: datetime) -> tuple[str, str]:
    if last is not None and last.result == "failed":
        return "failed", f"{last.reason} Accepted reports stay in force."
    if newest is None:
        return "not_configured", "No municipality has reported yet."
    behind = now.year - newest
    word = "fresh" if behind < DUE_YEARS else "due" if behind < LATE_YEARS else "late"
    return word, f"{count} reports in force; the newest is for {newest}."


def source_row() -> dict[str, Any]:
    """The submissions' row among the sources."""
    return {
        "source_id": SOURCE_ID,
        "title": TITLE,
        "producer": "Kommunerne",
        "provider": "municipalities",
        "provider_table": "Klimaindberetning",
        "licence": LICENCE,
        "licence_url": "",
        "attribution": "Kommunernes indberetninger til klimaalliancen",
        "url": "",
        "documentation_url": "",
        "cadence": "annual",
        "owner": "data",
        "asset": "submissions/submission_cell",
        "staging_model": "stg_submissions__cells",
        "redistribution_note": "",
    }


def _submission_row(standing: Standing) -> dict[str, Any]:
    submission = standing.submission
    kept = (
        "submission_id",
        "form_id",
        "form_version",
        "municipality_code",
        "year",
        "door",
        "file_sha256",
        "errors_count",
        "warnings_count",
        "facts_count",
        "missing_count",
        "is_example",
    )
    return {
        **{name: getattr(submission, name) for name in kept},
        "status": standing.status,
        "is_in_force": standing.is_in_force,
        "received_at": naive(submission.received_at),
        "decided_at": naive(submission.decided_at) if submission.decided_at else None,
        "supersedes_id": standing.supersedes_id,
        "superseded_by_id": standing.superseded_by_id,
        "withdrawn_reason": standing.withdrawn_reason,
        "prepared_on": store.day(submission.prepared_on),
        "approved_on": store.day(submission.approved_on),
    }
