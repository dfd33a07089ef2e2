"""One source through the first half of the flow: look, fetch, land, gate 1, accept or quarantine.

Each source is on its own: whatever happens to one becomes its outcome row and nothing else. The
light half (look, fetch, land) needs neither pandas nor Great Expectations, so a night without
news stays cheap.
"""

import logging
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import requests

from ingestion.declaration import Source, load_providers
from ingestion.errors import AnswerError, SourceError
from ingestion.geography import KNOWN_MUNICIPALITIES
from ingestion.http import HttpClient, Pace
from ingestion.protocols import Access, Answer, Look, protocol_for
from ingestion.transport import open_session
from orchestration.fingerprint import code_fingerprint, reading_fingerprint
from orchestration.settings import Settings
from warehouse import accepted, landing, outcomes
from warehouse.accepted import Release
from warehouse.landing import Landed
from warehouse.outcomes import Outcome
from warehouse.quarantine import quarantine

if TYPE_CHECKING:
    from ingestion.casting import Cast

LOG = logging.getLogger(__name__)
SNAPSHOT_KEY = "embedded snapshot"


@dataclass(frozen=True)
class Pending:
    """Landed bytes that gate 1 has not judged yet."""

    landed: Landed
    content: bytes
    look: Look
    seconds: float


def unexpected(error: Exception) -> SourceError:
    """A fault nobody foresaw concerns one source only; it is logged whole and told in short."""
    LOG.exception("unexpected fault while taking in a source", exc_info=error)
    kind = type(error).__name__
    return SourceError("unexpected", f"Unexpected {kind}: {error}.", "The log has the whole fault.")


class Intake:
    """Takes in sources for one run; every source is looked at once."""

    def __init__(self, settings: Settings, run_id: str, *, force: bool = False) -> None:
        self.settings = settings
        self.run_id = run_id
        self.force = force
        self.layout = settings.layout
        self.results: dict[str, Outcome | Pending] = {}
        self._clients: dict[str, HttpClient] = {}

    @cached_property
    def session(self) -> requests.Session:
        """One session for all providers."""
        urls = {provider: self.settings.base_url(provider) for provider in load_providers()}
        return open_session(self.settings.transport, urls)

    def access(self, source: Source) -> Access:
        """How this source is reached tonight."""
        is_live = self.settings.transport == "live"
        provider = load_providers().get(source.provider)
        pace = provider.pace_seconds if provider and is_live else 0.0
        client = self._clients.setdefault(source.provider, HttpClient(self.session, Pace(pace)))
        return Access(
            client=client,
            base_url=self.settings.base_url(source.provider) if provider else "",
            now=self.settings.now(),
            api_key=self.settings.klimaregnskabet_key if is_live else SNAPSHOT_KEY,
            inbox=self.layout.inbox,
        )

    def prepare(self, source: Source) -> Outcome | Pending:
        """The light half, once per run: an outcome, or landed bytes to judge."""
        if source.id not in self.results:
            started = time.monotonic()
            try:
                result = self._look_and_fetch(source, started)
            except SourceError as error:
                result = self._trouble(source, error, started)
            except Exception as error:
                result = self._trouble(source, unexpected(error), started)
            self.results[source.id] = self._recorded(result)
        return self.results[source.id]

    def take_in(self, source: Source) -> Outcome:
        """The whole way of one source to its outcome."""
        result = self.prepare(source)
        if isinstance(result, Pending):
            started = time.monotonic() - result.seconds
            try:
                outcome = self._judge(source, result, started)
            except AnswerError as error:
                outcome = self._refuse(source, result, error, started)
            except Exception as error:
                outcome = self._trouble(source, unexpected(error), started)
            self.results[source.id] = self._recorded(outcome)
            return outcome
        return result

    def _recorded(self, result: Outcome | Pending) -> Outcome | Pending:
        if isinstance(result, Outcome):
            outcomes.record(self.layout, result)
        return result

    def _look_and_fetch(self, source: Source, started: float) -> Outcome | Pending:
        protocol, access = protocol_for(source), self.access(source)
        try:
            look = protocol.look(source, access)
        except AnswerError as error:
            raise SourceError(error.code, error.message, error.hint) from error
        last, good = outcomes.last_outcomes(self.layout, source.id)
        if not self.force and self._is_known(source, look, good):
            return self._unchanged(source, look, started)
        try:
            answer = protocol.fetch(source, access, look)
        except AnswerError as error:
            return self._trouble(source, error, started, stamp=self._stamp(look))
        landed = self._land(source, answer, look)
        if self._is_in_force(source, landed):
            return self._unchanged(source, look, started)
        if last and not self.force and self._was_refused(source, landed, last):
            return self._refused_again(last, started)
        return Pending(landed, answer.content, look, time.monotonic() - started)

    def _stamp(self, look: Look) -> str:
        return f"{self.settings.transport}|{look.stamp}"

    def _is_known(self, source: Source, look: Look, good: Outcome | None) -> bool:
        """The provider's stamp and our way of reading are those of the last good outcome."""
        return (
            good is not None
            and good.stamp == self._stamp(look)
            and good.is_active == look.is_active
            and good.declaration_hash == reading_fingerprint(source)
            and accepted.newest(self.layout, source.id) is not None
        )

    def _is_in_force(self, source: Source, landed: Landed) -> bool:
        release = accepted.newest(self.layout, source.id)
        return (
            release is not None
            and release.release_id == landed.release_id
            and release.declaration_hash == reading_fingerprint(source)
            and release.transport == self.settings.transport
        )

    def _was_refused(self, source: Source, landed: Landed, last: Outcome) -> bool:
        return (
            last.result == "quarantined"
            and last.release_id == landed.release_id
            and last.declaration_hash == self._judging_fingerprint(source)
        )

    def _judging_fingerprint(self, source: Source) -> str:
        """A refusal stands while neither the reading nor the rules change."""
        return f"{reading_fingerprint(source)}-{code_fingerprint()[:16]}"

    def _land(self, source: Source, answer: Answer, look: Look) -> Landed:
        provider = load_providers().get(source.provider)
        landed = Landed(
            source_id=source.id,
            release_id=landing.release_id_of(answer.content),
            extension=answer.extension,
            url=answer.url,
            request=answer.request,
            retrieved_at=self.settings.now().isoformat(),
            provider_updated_at=look.provider_updated_at,
            transport=self.settings.transport,
            licence=provider.licence if provider else "as declared by the owner of the file",
            size_bytes=len(answer.content),
        )
        landing.land(self.layout, landed, answer.content)
        return landed

    def _judge(self, source: Source, pending: Pending, started: float) -> Outcome:
        """Parse, cast and gate 1; then the release is accepted.

        Raises:
            AnswerError: the release is refused.
        """
        from expectations import release_gate
        from ingestion.casting import cast, require_no_findings

        protocol = protocol_for(source)
        text = protocol.parse(source, pending.content, pending.landed.request)
        try:
            read = cast(text, source, protocol.conventions(source), KNOWN_MUNICIPALITIES)
            require_no_findings(read, source)
            before = accepted.newest(self.layout, source.id)
            frame = accepted.read_frame(self.layout, before) if before else None
            warned = release_gate.require_passed(read.frame, source, frame)
        except AnswerError as error:
            error.rows_refused = len(text)
            raise
        release = self._release(source, pending, read)
        accepted.accept(self.layout, release, read.frame)
        return self._outcome(source, "accepted", pending.look, release, started, reason=warned)

    def _release(self, source: Source, pending: Pending, read: "Cast") -> Release:
        return Release(
            source_id=source.id,
            release_id=pending.landed.release_id,
            recorded_at=self.settings.now().isoformat(),
            declaration_hash=reading_fingerprint(source),
            provider_updated_at=pending.look.provider_updated_at,
            is_active=pending.look.is_active,
            latest_period=str(read.frame[source.period.name].max()),
            rows_read=read.rows_read,
            rows_accepted=len(read.frame),
            rows_set_aside=read.rows_set_aside,
            transport=self.settings.transport,
        )

    def _unchanged(self, source: Source, look: Look, started: float) -> Outcome:
        release = accepted.newest(self.layout, source.id)
        return self._outcome(source, "unchanged", look, release, started)

    def _outcome(
        self,
        source: Source,
        result: str,
        look: Look,
        release: Release | None,
        started: float,
        reason: str | None = None,
    ) -> Outcome:
        return Outcome(
            run_id=self.run_id,
            source_id=source.id,
            at=self.settings.now().isoformat(),
            result=result,
            stamp=self._stamp(look),
            reason=reason,
            release_id=release.release_id if release else None,
            declaration_hash=reading_fingerprint(source),
            rows_read=release.rows_read if release else 0,
            rows_accepted=release.rows_accepted if release else 0,
            rows_set_aside=release.rows_set_aside if release else 0,
            is_active=look.is_active,
            transport=self.settings.transport,
            seconds=round(time.monotonic() - started, 3),
        )

    def _trouble(
        self, source: Source, error: SourceError, started: float, stamp: str | None = None
    ) -> Outcome:
        return Outcome(
            run_id=self.run_id,
            source_id=source.id,
            at=self.settings.now().isoformat(),
            result=error.state,
            stamp=stamp,
            code=error.code,
            reason=str(error),
            transport=self.settings.transport,
            seconds=round(time.monotonic() - started, 3),
        )

    def _refuse(
        self, source: Source, pending: Pending, error: AnswerError, started: float
    ) -> Outcome:
        release_id = pending.landed.release_id
        at = self.settings.now().isoformat()
        quarantine(self.layout, source.id, release_id, at, error.code, error.message, [error.hint])
        return Outcome(
            run_id=self.run_id,
            source_id=source.id,
            at=at,
            result="quarantined",
            stamp=self._stamp(pending.look),
            code=error.code,
            reason=str(error),
            release_id=release_id,
            declaration_hash=self._judging_fingerprint(source),
            rows_quarantined=error.rows_refused,
            is_active=pending.look.is_active,
            transport=self.settings.transport,
            seconds=round(time.monotonic() - started, 3),
        )

    def _refused_again(self, last: Outcome, started: float) -> Outcome:
        return Outcome(
            **{
                **last.__dict__,
                "run_id": self.run_id,
                "at": self.settings.now().isoformat(),
                "seconds": round(time.monotonic() - started, 3),
            }
        )
