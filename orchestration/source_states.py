"""What readers are told about each source: one row of state, release, counts and dates.

A source in trouble keeps the word of its last outcome; a source without trouble is judged by the
age of its newest period.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ingestion.declaration import Source
from ingestion.freshness import Freshness, freshness, usual_lag_days
from ingestion.transport import is_embedded
from orchestration.settings import Settings
from warehouse import accepted, outcomes
from warehouse.accepted import Release
from warehouse.outcomes import Outcome

TROUBLE = ("failed", "quarantined", "held", "not_configured")
# Enough to hold the last new periods among revisions.
RELEASES_OF_HISTORY = 40
AGE_WORDS = {
    "fresh": "the next figures are expected by",
    "due": "the next figures were expected by",
    "late": "the next figures are late; they were expected by",
    "stale": "at least one publication of the provider is missing; it was expected by",
}


@dataclass(frozen=True)
class SourceState:
    """One source as readers see it."""

    source: Source
    state: str
    reason: str
    release: Release | None
    last: Outcome | None
    age: Freshness | None

    @property
    def next_expected_date(self) -> date | None:
        """When the next figures should be out."""
        return self.age.next_expected_date if self.age else None

    @property
    def is_retired(self) -> bool:
        """Whether the provider says that it no longer updates the table."""
        if self.release is None:
            return False
        return not (self.last.is_active if self.last else self.release.is_active)

    def row(self, now: datetime) -> dict[str, Any]:
        """The row of the control table ``source_state``."""
        last, release = self.last, self.release
        accepted_at = naive(release.recorded_at) if release else None
        return {
            "source_id": self.source.id,
            "state": self.state,
            "reason": self.reason,
            "last_looked_at": naive(last.at) if last else None,
            "last_changed_at": accepted_at,
            "last_accepted_at": accepted_at,
            "provider_updated_at": release.provider_updated_at if release else None,
            "latest_period": release.latest_period if release else None,
            "next_expected_date": self.next_expected_date,
            "age_days": max((now - datetime.fromisoformat(release.recorded_at)).days, 0)
            if release
            else None,
            "release_id": release.release_id if release else None,
            "rows_read": release.rows_read if release else 0,
            "rows_accepted": release.rows_accepted if release else 0,
            "rows_set_aside": release.rows_set_aside if release else 0,
            "rows_quarantined": last.rows_quarantined if last else 0,
            "transport": release.transport if release else (last.transport if last else None),
        }


def naive(moment: str) -> datetime:
    """A UTC moment without its offset, as the warehouse stores it."""
    return datetime.fromisoformat(moment).replace(tzinfo=None)


def source_state(settings: Settings, source: Source, last: Outcome | None = None) -> SourceState:
    """Judge one source now; ``last`` is its last outcome, read from the store when None."""
    layout = settings.layout
    last = last or outcomes.last_outcomes(layout, source.id)[0]
    release = accepted.newest(layout, source.id)
    age = _age(settings, source, release) if release else None
    is_of_the_snapshot = release and release.transport == "snapshot" and is_embedded(source)
    state, reason = _word(last, release, age, is_embedded=bool(is_of_the_snapshot))
    return SourceState(source, state, reason, release, last, age)


def _age(settings: Settings, source: Source, release: Release) -> Freshness:
    """By the lag that the provider's last new periods had; figures of the snapshot have none."""
    published = [
        (earlier.latest_period, datetime.fromisoformat(earlier.published_at).date())
        for earlier in accepted.last_releases(settings.layout, source.id, RELEASES_OF_HISTORY)
        if earlier.transport == "live"
    ]
    lag = usual_lag_days(source, published)
    return freshness(source, release.latest_period, settings.today(), lag)


def _word(
    last: Outcome | None, release: Release | None, age: Freshness | None, *, is_embedded: bool
) -> tuple[str, str]:
    in_force = ""
    if release:
        embedded = ", from the embedded snapshot," if is_embedded else ""
        in_force = f" Figures up to {release.latest_period}{embedded} stay in force."
    if last is not None and last.result in TROUBLE:
        reason = str(last.reason).rstrip(". ")
        return last.result, f"{reason}.{in_force}"
    if release is None or age is None:
        return "not_configured", "The source has not been looked at yet."
    if not (last.is_active if last else release.is_active):
        return "retired", f"The provider no longer updates this table.{in_force}"
    embedded = "Read from the embedded snapshot. " if is_embedded else ""
    words = embedded + (
        f"Newest period {release.latest_period}; {AGE_WORDS[age.state]} {age.next_expected_date}."
    )
    noted = f" Warned: {release.warned}" if release.warned else ""
    return age.state, words + noted


def source_row(source: Source) -> dict[str, Any]:
    """The row of the control table ``source``: what the declaration says."""
    publisher = source.publisher
    return {
        "source_id": source.id,
        "title": source.title,
        "producer": publisher.producer,
        "provider": source.provider,
        "provider_table": source.table,
        "licence": publisher.licence,
        "licence_url": publisher.licence_url,
        "attribution": f"{publisher.attribution}, {source.table}",
        "url": source.url,
        "documentation_url": source.documentation_url,
        "cadence": source.cadence.value,
        "owner": source.owner,
        "asset": "/".join(source.asset_key),
        "staging_model": source.staging_model,
        "redistribution_note": publisher.redistribution,
    }


def releases_in_force(states: Mapping[str, SourceState]) -> dict[str, dict[str, Any]]:
    """What of each source feeds the marts, for the manifest and the fingerprint."""
    return {
        source_id: {
            "release_id": state.release.release_id,
            "declaration_hash": state.release.declaration_hash,
            "recorded_at": state.release.recorded_at,
            "transport": state.release.transport,
        }
        for source_id, state in states.items()
        if state.release
    }
