"""One visit to one source: turns whatever happened into its outcome row."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ingestion.declaration import Source
from ingestion.errors import AnswerError, SourceError
from ingestion.protocols import Look
from orchestration.fingerprint import judging_fingerprint, reading_fingerprint
from orchestration.settings import Settings
from warehouse.accepted import Release
from warehouse.outcomes import Outcome


@dataclass(frozen=True)
class Visit:
    """Who is visited, by which run, how often it was asked meanwhile, since when."""

    settings: Settings
    run_id: str
    source: Source
    requests: Callable[[], int] = lambda: 0
    started: float = field(default_factory=time.monotonic)

    def stamp(self, look: Look) -> str:
        """The provider's stamp, told apart by where it was read."""
        return f"{self.settings.transport}|{look.stamp}"

    def known_stamp(self, last: Outcome | None) -> str | None:
        """The stamp of an earlier look, as the provider's protocol knows it."""
        where = self.stamp(Look(""))
        stamp = last.stamp if last else None
        return stamp.removeprefix(where) if stamp and stamp.startswith(where) else None

    def accepted(self, look: Look, release: Release) -> Outcome:
        """A new release is in force."""
        return replace(self.unchanged(look, release), result="accepted", reason=release.warned)

    def unchanged(self, look: Look, release: Release) -> Outcome:
        """The release in force is still the newest."""
        return replace(
            self._row("unchanged"),
            stamp=self.stamp(look),
            release_id=release.release_id,
            declaration_hash=reading_fingerprint(self.source),
            rows_read=release.rows_read,
            rows_accepted=release.rows_accepted,
            rows_set_aside=release.rows_set_aside,
            is_active=look.is_active,
        )

    def trouble(self, error: SourceError) -> Outcome:
        """Nothing came that could be judged."""
        return replace(self._row(error.state), code=error.code, reason=str(error))

    def refused(self, look: Look, release_id: str, error: AnswerError) -> Outcome:
        """Gate 1 refused the release."""
        return replace(
            self.trouble(error),
            stamp=self.stamp(look),
            release_id=release_id,
            declaration_hash=judging_fingerprint(self.source),
            rows_quarantined=error.rows_refused,
            is_active=look.is_active,
        )

    def refused_again(self, last: Outcome) -> Outcome:
        """The same bytes, judged by the same rules: the same words."""
        now = self._row(last.result)
        return replace(
            last, run_id=now.run_id, at=now.at, seconds=now.seconds, requests=now.requests
        )

    def _row(self, result: str) -> Outcome:
        return Outcome(
            run_id=self.run_id,
            source_id=self.source.id,
            at=self.settings.now().isoformat(),
            result=result,
            transport=self.settings.transport,
            seconds=round(time.monotonic() - self.started, 3),
            requests=self.requests(),
        )
