"""What the command line tells about a state root, as plain data."""

from typing import Any

from ingestion.declaration import load_sources
from orchestration.alerts import open_alerts_report
from orchestration.inbox import left_alone, waiting_files
from orchestration.keeping import publication_facts
from orchestration.serving import serving_report
from orchestration.settings import PROJECT, Settings
from orchestration.source_files import files_of, mismatches, undecided
from orchestration.source_states import source_state
from orchestration.submission_intake import SubmissionIntake, source_row
from warehouse import outcomes, publications
from warehouse.damage import damage_of
from warehouse.history import UNREADABLE, recorded
from warehouse.submissions import SOURCE_ID, Standing

MOST_REFUSED = 20


def status_report(settings: Settings) -> dict[str, Any]:
    """Publication, sources, and the last run with its reasons."""
    layout = settings.layout
    manifest = publications.current_manifest(layout)
    is_there = layout.current.is_symlink() or layout.current.exists()
    runs = outcomes.runs(layout)
    last = runs[-1] if runs else None
    return {
        "home": str(layout.home),
        "transport": settings.transport,
        "publication": publication_facts(manifest) if manifest else None,
        "damage": list(damage_of(layout.current)) if is_there else [],
        "recovered": outcomes.recovered(layout),
        "warnings": _warnings(manifest) if manifest else [],
        "not_in_history": [
            row["reason"] for row in recorded(layout) if row["outcome"] == UNREADABLE
        ],
        "postgres": serving_report(settings),
        "last_run": last,
        "held": last["reason"] if last and last["result"] == "held" else None,
        "alerts": open_alerts_report(settings),
        "sources": [
            *(_source(settings, source) for source in load_sources()),
            _submissions_source(settings),
        ],
        "quarantine": _quarantine(settings),
        "submissions": submissions_summary(settings),
    }


def _warnings(manifest: dict[str, Any]) -> list[str]:
    """What the audit of the current publication found that did not hold it."""
    return [
        f"{table}: {warning}"
        for table, audit in manifest["audits"].items()
        for warning in audit["warnings"]
    ]


def _source(settings: Settings, source: Any) -> dict[str, Any]:
    state = source_state(settings, source)
    release, last = state.release, state.last
    return {
        "source_id": source.id,
        "provider": source.provider,
        "table": source.table,
        "state": state.state,
        "reason": state.reason,
        "latest_period": release.latest_period if release else None,
        "next_expected_date": str(state.next_expected_date) if state.next_expected_date else None,
        "last_looked_at": last.at if last else None,
        "last_accepted_at": release.recorded_at if release else None,
        "last_outcome": last.result if last else None,
        "rows_accepted": release.rows_accepted if release else 0,
        "rows_set_aside": release.rows_set_aside if release else 0,
    }


def _submissions_source(settings: Settings) -> dict[str, Any]:
    """The municipalities' reports, told as a source like the others."""
    row = SubmissionIntake(settings, "status").state_row()
    last = outcomes.last_outcomes(settings.layout, SOURCE_ID)[0]
    shown = ("source_id", "state", "reason", "latest_period", "rows_accepted", "rows_set_aside")
    declared = source_row()
    return {
        **{name: row[name] for name in shown},
        "provider": declared["provider"],
        "table": declared["provider_table"],
        "next_expected_date": None,
        "last_looked_at": last.at if last else None,
        "last_accepted_at": str(row["last_accepted_at"]) if row["last_accepted_at"] else None,
        "last_outcome": last.result if last else None,
    }


def _quarantine(settings: Settings) -> list[dict[str, Any]]:
    """Sources whose newest release is refused, with code and reason."""
    rows = []
    for source in load_sources():
        last, _good = outcomes.last_outcomes(settings.layout, source.id)
        if last and last.result in outcomes.REFUSED:
            row = {"source_id": source.id, "code": last.code, "reason": last.reason}
            rows.append({**row, "release_id": last.release_id, "since": last.at})
    return rows


def submissions_summary(settings: Settings) -> dict[str, Any]:
    """How many submissions stand where, those refused last, and what lies in the inbox."""
    report = submissions_report(settings)
    words = [row["status"] for row in report]
    refused = [row for row in report if row["status"] == "rejected"]
    return {
        "by_status": {word: words.count(word) for word in sorted(set(words))},
        "in_force": sum(row["is_in_force"] for row in report),
        "waiting_in_inbox": len(waiting_files(settings)),
        "left_alone_in_inbox": [
            {"name": name, "reason": reason} for name, reason in left_alone(settings)
        ],
        "rejected": refused[-MOST_REFUSED:],
    }


def submissions_report(settings: Settings) -> list[dict[str, Any]]:
    """Every submission and where it stands, in the order of the decisions."""
    known = SubmissionIntake(settings, "report").standings
    return [_submission(standing) for standing in known]


def _submission(standing: Standing) -> dict[str, Any]:
    submission = standing.submission
    wanted = ("submission_id", "municipality_code", "year", "form_id", "received_at", "decided_at")
    return {
        **{name: getattr(submission, name) for name in wanted},
        "status": standing.status,
        "is_in_force": standing.is_in_force,
        "is_example": submission.is_example,
        "errors": submission.errors_count,
        "warnings": submission.warnings_count,
        "supersedes_id": standing.supersedes_id,
        "superseded_by_id": standing.superseded_by_id,
        "withdrawn_reason": standing.withdrawn_reason,
    }


def sources_report(settings: Settings) -> list[dict[str, Any]]:
    """The chain of every source, and what is missing in it."""
    return [_chain(settings, source) for source in load_sources()]


def _chain(settings: Settings, source: Any) -> dict[str, Any]:
    state = source_state(settings, source)
    files = files_of(source.id, source.provider, source.staging_model)
    missing = [told for told, path in files.items() if not (PROJECT / path).exists()]
    questions = undecided(PROJECT, [path for told, path in files.items() if told not in missing])
    return {
        "source_id": source.id,
        "title": source.title,
        "provider": source.provider,
        "table": source.table,
        "declaration": files["declaration"],
        "asset": "/".join(source.asset_key),
        "staging_model": source.staging_model,
        "expectations": files["expectations"],
        "missing": [
            *missing,
            *[f"{len(questions)} decisions"] * bool(questions),
            *mismatches(PROJECT, source),
        ],
        "state": state.state,
        "last_outcome": state.last.result if state.last else None,
        "last_looked_at": state.last.at if state.last else None,
    }
