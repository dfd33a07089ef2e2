"""The last step of a run: seal the draft, audit that very file, promote it or hold it."""

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.contract import published_tables
from expectations.publication_audit import audit_draft, records
from expectations.report import report_pages
from expectations.rules import publication_rules
from orchestration.transform import MANIFEST
from warehouse.draft import seal
from warehouse.promotion import promote
from warehouse.publications import DATABASE, HeldError

if TYPE_CHECKING:
    from orchestration.run import RefreshRun


def publish(run: "RefreshRun") -> str:
    """Publish a run's draft.

    Returns:
        The version that readers see from now on.

    Raises:
        HeldError: too many sources in quarantine, or an audit failed, or one is missing.
    """
    rules = publication_rules()
    require_enough_sources(run, rules.most_quarantined_share)
    digest = seal(run.draft)
    contract = published_tables(MANIFEST)
    last: Path | None = run.layout.current / DATABASE
    run.told("audit", f"{len(contract)} tables")
    available = {source_id for source_id, state in run.states.items() if state.release}
    last = last if last and last.exists() else None
    run.audits = audit_draft(run.draft.file, contract, rules, available, last)
    run.told("publish", run.version)
    promote(
        run.layout,
        run.draft,
        records(run.audits, digest),
        {table.name: table.key for table in contract},
        run.facts(),
        report_pages(run.version, run.audits),
    )
    return run.version


def require_enough_sources(run: "RefreshRun", most: float) -> None:
    """Hold a publication rather than hollow it.

    Raises:
        HeldError: naming the sources in quarantine, the share and the limit.
    """
    bad = [source_id for source_id, state in run.states.items() if state.state == "quarantined"]
    share = len(bad) / len(run.states)
    if share > most:
        raise HeldError(
            [
                f"{len(bad)} of {len(run.states)} sources ({share:.0%}) are in quarantine, "
                f"the limit is {most:.0%}: {', '.join(bad)}"
            ]
        )
