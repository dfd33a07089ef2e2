"""What drifted in the answer that a run has in hand: noted, held where a person must look."""

from dataclasses import asdict
from typing import TypeVar

from ingestion.declaration import load_sources
from ingestion.drift import Drift, Edit, Shape, drifts
from ingestion.errors import AnswerError, HeldReleaseError, SourceError
from ingestion.protocols import Look, protocol_for
from orchestration.settings import Settings
from orchestration.source_states import TROUBLE, source_state
from orchestration.visit import Visit
from warehouse import accepted
from warehouse.layout import Layout
from warehouse.shapes import DriftRecord, drift_records, record_drift, shape_in_force

Refusal = TypeVar("Refusal", bound=SourceError)


def look_for_drift(
    layout: Layout, visit: Visit, look: Look, content: bytes | None, release_id: str | None
) -> tuple[Shape, list[Drift]]:
    """The shape of an answer, or of its description alone, and how it drifted; all is noted.

    Args:
        layout: where shapes and drifts are kept.
        visit: of which source, in which run.
        look: with the provider's description.
        content: the answer; None when none could be fetched.
        release_id: of the answer.
    """
    source = visit.source
    shape = protocol_for(source).shape(source, look, content)
    kept = shape_in_force(layout, source.id)
    found = drifts(source, shape, Shape.read(kept) if kept else None)
    at = visit.settings.now().isoformat()
    record_drift(layout, [_record(visit, drift, release_id, at) for drift in found])
    return shape, found


def _record(visit: Visit, drift: Drift, release_id: str | None, at: str) -> DriftRecord:
    edits = tuple(asdict(edit) for edit in drift.edits)
    run_id, source_id = visit.run_id, visit.source.id
    return DriftRecord(
        run_id, source_id, release_id, at, drift.kind, drift.policy, drift.what, edits
    )


def require_nothing_held(found: list[Drift], source_id: str) -> None:
    """Hold a release that can be read but has changed in a way that a person must look at.

    Raises:
        HeldReleaseError: naming the first such change and the edit that says it was looked at.
    """
    for drift in found:
        if drift.policy == "hold":
            raise HeldReleaseError(drift.kind, f"{source_id}: {drift.what}.", advice([drift]))


def require_nothing_refused(found: list[Drift], source_id: str) -> None:
    """Refuse what is declared to be refused although it could be read.

    Raises:
        AnswerError: naming the first such change.
    """
    for drift in found:
        if drift.policy == "quarantine":
            raise AnswerError(drift.kind, f"{source_id}: {drift.what}.", advice([drift]))


def advised(error: Refusal, found: list[Drift]) -> Refusal:
    """The same refusal, with what drifted in the answer and the edits that would meet that."""
    told = [drift for drift in found if drift.policy != "evolve" or drift.edits]
    words = "; ".join(drift.what for drift in told)
    hint = " ".join(filter(None, [error.hint, f"Drift: {words}." if words else "", advice(told)]))
    advised_error = type(error)(error.code, error.message, hint)
    advised_error.rows_refused = error.rows_refused
    return advised_error


def advice(found: list[Drift]) -> str:
    """The suggested edits of several drifts."""
    edits = [edit for drift in found for edit in drift.edits]
    return f"Suggested in the declaration: {'; '.join(e.text for e in edits)}." if edits else ""


def drift_report(settings: Settings) -> list[dict[str, object]]:
    """Of every source what drifted in the release in force and in what was refused since."""
    layout, found = settings.layout, drift_records(settings.layout)
    report = []
    for source in load_sources():
        state = source_state(settings, source)
        release = accepted.newest(layout, source.id)
        for row in found:
            # What was held or refused and is in force now has been met by an edit since.
            is_in_force = (
                release is not None
                and row.release_id == release.release_id
                and row.policy == "evolve"
            )
            is_standing = (
                state.last is not None
                and state.last.result in TROUBLE
                and row.release_id in (None, state.last.release_id)
                and (release is None or row.at >= release.recorded_at)
            )
            if row.source_id == source.id and (is_in_force or is_standing):
                told = {**asdict(row), "edits": [Edit(**edit).text for edit in row.edits]}
                file = f"ingestion/sources/{source.id}.yml"
                report.append(
                    {**told, "changes": list(row.edits), "file": file, "state": state.state}
                )
    return report
