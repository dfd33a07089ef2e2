"""The last step of a run: seal the draft, audit that very file, promote it or hold it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from expectations.contract import PublishedTable, published_tables
from expectations.publication_audit import Audit, audit_draft, records
from expectations.report import report_pages
from expectations.rules import publication_rules
from orchestration.source_states import SourceState
from orchestration.transform import ensure_parsed
from warehouse.damage import damage_of
from warehouse.draft import Draft, seal
from warehouse.layout import Layout
from warehouse.outcomes import REFUSED
from warehouse.promotion import promote
from warehouse.publications import DATABASE, Facts, HeldError


@dataclass(frozen=True)
class AuditedDraft:
    """A sealed draft with the verdict on each of its tables."""

    draft: Draft
    sha256: str
    contract: list[PublishedTable]
    audits: list[Audit]


def audit(
    layout: Layout, draft: Draft, states: Mapping[str, SourceState], others: Collection[str]
) -> AuditedDraft:
    """Seal a draft and judge every published table in it.

    Args:
        layout: the state root.
        draft: the built draft.
        states: every source's state.
        others: raw tables beside the sources that hold anything.

    Raises:
        HeldError: too many sources are in quarantine to publish at all.
    """
    rules = publication_rules()
    require_enough_sources(states, rules.most_quarantined_share)
    digest, contract = seal(draft), published_tables(ensure_parsed())
    available = {source_id for source_id, state in states.items() if state.release}
    available.update(others)
    # A damaged publication is nothing to compare with, and no reason to hold every night.
    is_whole = layout.current.exists() and not damage_of(layout.current)
    last = layout.current / DATABASE if is_whole else None
    audits = audit_draft(draft.file, contract, rules, available, last)
    return AuditedDraft(draft, digest, contract, audits)


def publish(layout: Layout, audited: AuditedDraft, facts: Facts) -> None:
    """Promote an audited draft.

    Raises:
        HeldError: an audit failed or is missing.
    """
    promote(
        layout,
        audited.draft,
        records(audited.audits, audited.sha256),
        {table.name: table.key for table in audited.contract},
        facts,
        report_pages(facts.version, audited.audits),
    )


def require_enough_sources(states: Mapping[str, SourceState], most: float) -> None:
    """Hold a publication rather than hollow it; what could never be had yet hollows nothing.

    Raises:
        HeldError: naming the sources in quarantine, the share and the limit.
    """
    bad = [source_id for source_id, state in states.items() if state.state in REFUSED]
    had = [source_id for source_id, state in states.items() if state.release or source_id in bad]
    share = len(bad) / max(len(had), 1)
    if share > most:
        told = f"{len(bad)} of {len(had)} sources ({share:.0%}) are in quarantine"
        raise HeldError([f"{told}, the limit is {most:.0%}: {', '.join(bad)}"])
