"""What is known of files handed in before: which are in force, which may not come back unseen."""

from collections.abc import Iterator
from typing import Any

from ingestion.submissions.cells import Place
from ingestion.submissions.findings import Finding, finding
from orchestration.arrivals import Arrival
from orchestration.judging import REGISTER_WORKBOOK, Judged, municipality_of
from warehouse import submissions as store
from warehouse.layout import Layout
from warehouse.submissions import Standing


class Earlier:
    """Where every submission stood when this was made."""

    def __init__(self, layout: Layout) -> None:
        self.ids: set[str] = set()
        self.by_file: dict[str, list[Standing]] = {}
        self.in_force: dict[tuple[Any, ...], str] = {}
        for standing in store.standings(layout):
            submission = standing.submission
            self.ids.add(submission.submission_id)
            self.by_file.setdefault(submission.file_sha256, []).append(standing)
            if standing.status == "accepted":
                self.in_force[store.chain_key(submission)] = submission.submission_id

    def of_file(self, arrival: Arrival, *statuses: str) -> list[Standing]:
        """Submissions of the very file that stand so; examples and real ones are kept apart."""
        return [
            standing
            for standing in self.by_file.get(arrival.sha256, [])
            if standing.status in statuses and standing.submission.is_example == arrival.is_example
        ]

    def accepted(self, judged: Judged) -> Standing | None:
        """The submission in force that this very report of this very file became."""
        about = _about(judged)
        found = (
            standing
            for standing in self.of_file(judged.arrival, "accepted")
            if (standing.submission.municipality_code, standing.submission.year) == about
        )
        return next(found, None)

    def findings(self, judged: Judged) -> Iterator[Finding]:
        """What the past says against a report: an earlier version comes back, or a wrong door."""
        identity = judged.reading.identity
        if identity and identity.form_id == REGISTER_WORKBOOK and judged.arrival.is_from_inbox:
            yield finding("registers-through-inbox", Place())
        for standing in self.of_file(judged.arrival, "superseded", "withdrawn"):
            earlier = standing.submission
            if identity is None or (earlier.municipality_code, earlier.year) != _about(judged):
                continue
            if standing.status == "superseded":
                yield finding("file-superseded-already", Place(), found=standing.superseded_by_id)
            else:
                yield finding("file-withdrawn-already", Place(), found=standing.withdrawn_reason)


def _about(judged: Judged) -> tuple[str | None, int | None]:
    identity = judged.reading.identity
    return municipality_of(judged), identity.year if identity else None
