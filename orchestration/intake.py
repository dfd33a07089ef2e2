"""One source through the first half of the flow: look, fetch, land, gate 1, accept or quarantine.

Each source is on its own: whatever happens to one becomes its outcome row and nothing else. The
light half (look, fetch, land) needs neither pandas nor Great Expectations, so a night without
news stays cheap.
"""

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import requests

from ingestion.declaration import Source, load_providers, load_sources, provider_urls
from ingestion.errors import AnswerError, ProviderError, SourceError
from ingestion.geography import KNOWN_MUNICIPALITIES
from ingestion.http import Budget, HttpClient, Pace
from ingestion.protocols import Access, Answer, Look, protocol_for
from ingestion.transport import embedded_files, open_session, require_offered
from orchestration.breaker import (
    NOT_ASKED,
    PASSING,
    UNEXPECTED,
    PassingError,
    Silence,
    require_worth_asking,
)
from orchestration.drifting import (
    advised,
    look_for_drift,
    require_nothing_held,
    require_nothing_refused,
)
from orchestration.fingerprint import judging_fingerprint, reading_fingerprint
from orchestration.landings import land
from orchestration.logs import about
from orchestration.machine import reraise_if_of_the_machine
from orchestration.registers import spellings_for
from orchestration.settings import Settings
from orchestration.visit import Visit
from orchestration.window_intake import PendingWindows, fetch_windows, judge_windows
from warehouse import accepted, outcomes
from warehouse.accepted import Release
from warehouse.days import day_of
from warehouse.landing import Landed
from warehouse.outcomes import Outcome
from warehouse.quarantine import quarantine
from warehouse.shapes import keep_shape

if TYPE_CHECKING:
    from ingestion.casting import Cast

LOG = logging.getLogger(__name__)
SNAPSHOT_KEY = "embedded snapshot"
# Providers that are not in providers.yml have files.
REQUESTS_TO_OTHERS = 100


@dataclass(frozen=True)
class Pending:
    """Landed bytes that gate 1 has not judged yet."""

    visit: Visit
    look: Look
    landed: Landed
    content: bytes


Waiting = Pending | PendingWindows


@dataclass(frozen=True)
class Scope:
    """What a run looks at: these sources, all when none is named; months to be fetched again."""

    sources: frozenset[str] = frozenset()
    months: frozenset[str] = frozenset()

    def holds(self, source_id: str) -> bool:
        """Whether a source is to be looked at."""
        return not self.sources or source_id in self.sources


EVERYTHING = Scope()


class Intake:
    """Takes in sources for one run; every source is looked at once.

    Sources out of scope keep their last outcome, unless they have none yet.
    """

    def __init__(
        self,
        settings: Settings,
        run_id: str,
        *,
        force: bool = False,
        scope: Scope = EVERYTHING,
    ) -> None:
        self.settings = settings
        self.run_id = run_id
        self.force = force
        self.scope = scope
        self.layout = settings.layout
        self.results: dict[str, Outcome | Waiting] = {}
        self._clients: dict[str, HttpClient] = {}
        self._pauses = settings.ask_again_seconds if settings.transport == "live" else ()
        self._silence = Silence(*self._pauses[:1])
        self._vain: dict[str, list[int]] = {}

    @cached_property
    def session(self) -> requests.Session:
        """One session for all providers."""
        urls = {provider: self.settings.base_url(provider) for provider in provider_urls()}
        return open_session(self.settings.transport, urls)

    def access(self, provider_id: str) -> Access:
        """How this provider is reached tonight."""
        is_live = self.settings.transport == "live"
        provider = load_providers().get(provider_id)
        pace = provider.pace_seconds if provider and is_live else 0.0
        if provider_id not in self._clients:
            budget = self._budget(provider_id) if is_live else None
            self._clients[provider_id] = HttpClient(self.session, Pace(pace), budget=budget)
        return Access(
            client=self._clients[provider_id],
            base_url=self.settings.base_url(provider_id),
            now=self.settings.now(),
            api_key=self.settings.klimaregnskabet_key if is_live else SNAPSHOT_KEY,
            inbox=self.layout.inbox,
            embedded=embedded_files(self.settings.transport),
        )

    def _budget(self, provider_id: str) -> Budget:
        """What is left of the provider's requests of today, by the outcome rows of today."""
        provider = load_providers().get(provider_id)
        today = self.settings.today()
        rows = (
            row
            for source in load_sources()
            if source.provider == provider_id
            for row in outcomes.outcomes_of(self.layout, source.id)
        )
        spent = sum(row.requests for row in rows if row.requests and day_of(row.at) == today)
        most = provider.requests_per_day if provider else REQUESTS_TO_OTHERS
        return Budget(provider_id, most, spent)

    def prepare(self, source: Source) -> Outcome | Waiting:
        """The light half, once per run: an outcome, or landed bytes to judge.

        Raises:
            PassingError: the source failed in a way that may pass, and is to be asked again.
        """
        if source.id not in self.results and not self.scope.holds(source.id):
            last = outcomes.last_outcomes(self.layout, source.id)[0]
            if last:
                self.results[source.id] = last
        if source.id not in self.results:
            with about(source=source.id):
                result = self._visit(source)
                self._require_final(source, result)
                self._keep(result)
        return self.results[source.id]

    def _require_final(self, source: Source, result: Outcome | Waiting) -> None:
        """Leave no row of a failure that may pass while the source may be asked again.

        Raises:
            PassingError: with the pause until then.
        """
        if not isinstance(result, Outcome) or result.result != "failed":
            return
        is_silent = result.code == NOT_ASKED and self._silence.is_silent(source.provider)
        vain = self._vain.setdefault(source.id, [])
        if (is_silent or result.code in PASSING) and len(vain) < len(self._pauses):
            pause = self._pauses[len(vain)]
            vain.append(result.requests - sum(vain))
            LOG.warning("asked again in %s s: %s", pause, result.reason)
            raise PassingError(pause, str(result.reason))

    def _visit(self, source: Source) -> Outcome | Waiting:
        client = self.access(source.provider).client
        before = _spent(client) - sum(self._vain.get(source.id, ()))
        visit = Visit(self.settings, self.run_id, source, lambda: _spent(client) - before)
        found: SourceError | None = None
        try:
            result = self._look_and_fetch(visit)
            found = result.trouble if isinstance(result, PendingWindows) else None
            return result if isinstance(result, Outcome) else _counted(result)
        except AnswerError as error:
            # Nothing landed, so nothing can be in quarantine: the provider did not deliver.
            found = ProviderError(error.code, error.message, error.hint)
        except SourceError as error:
            found = error
        except Exception as error:
            reraise_if_of_the_machine(error)
            found = unexpected(error)
        finally:
            self._silence.heard(source.provider, found)
        return visit.trouble(found)

    def take_in(self, source: Source) -> Outcome:
        """The whole way of one source to its outcome."""
        result = self.prepare(source)
        if isinstance(result, Outcome):
            return result
        with about(source=source.id):
            try:
                outcome = self._judged(result)
            except Exception as error:
                reraise_if_of_the_machine(error)
                outcome = result.visit.trouble(unexpected(error))
            self._keep(outcome)
        return outcome

    def _keep(self, result: Outcome | Waiting) -> None:
        """Remember the result for this run; an outcome also becomes a row."""
        if isinstance(result, Outcome):
            LOG.info("%s %s", result.result, result.reason or "")
            outcomes.record(self.layout, result)
            self.results[result.source_id] = result
        else:
            self.results[result.visit.source.id] = result

    def _look_and_fetch(self, visit: Visit) -> Outcome | Waiting:
        """Ask whether anything changed; fetch and land it if so.

        Raises:
            SourceError: the provider could not be asked, or its answer cannot be trusted.
        """
        source, protocol = visit.source, protocol_for(visit.source)
        require_offered(self.settings.transport, source)
        rows = outcomes.outcomes_of(self.layout, source.id)
        if not self.force:
            require_worth_asking(source.id, rows, self.settings.now())
        self._silence.require_answering(source.provider)
        last, good = outcomes.last_of(rows)
        access = replace(self.access(source.provider), last_stamp=visit.known_stamp(last))
        look = protocol.look(source, access)
        if source.windows:
            is_news, months = self.force or not _is_same(visit, look, good), self.scope.months
            return fetch_windows(visit, access, look, rows, is_news=is_news, asked_for=months)
        release = accepted.newest(self.layout, source.id)
        if release and not self.force and self._is_known(visit, look, good):
            return visit.unchanged(look, release)
        answer = self._fetch(visit, access, look)
        landed, content = land(visit, look, answer), answer.content
        if release and self._is_in_force(source, landed, release):
            return visit.unchanged(look, release)
        if last and not self.force and self._was_refused(source, landed, last):
            return visit.refused_again(last)
        return Pending(visit, look, landed, content)

    def _fetch(self, visit: Visit, access: Access, look: Look) -> Answer:
        """The answer; where the description alone has drifted, the error says how.

        Raises:
            SourceError: the provider refuses, or its answer is not what was asked for.
        """
        try:
            return protocol_for(visit.source).fetch(visit.source, access, look)
        except (AnswerError, ProviderError) as error:
            found = look_for_drift(self.layout, visit, look, None, None)[1]
            raise advised(error, found) from error

    def _is_known(self, visit: Visit, look: Look, good: Outcome | None) -> bool:
        """The provider's stamp and our way of reading are those of the last good outcome."""
        is_read_alike = good and good.declaration_hash == reading_fingerprint(visit.source)
        return bool(is_read_alike) and _is_same(visit, look, good)

    def _is_in_force(self, source: Source, landed: Landed, release: Release) -> bool:
        return (
            release.release_id == landed.release_id
            and release.declaration_hash == reading_fingerprint(source)
            and release.transport == self.settings.transport
        )

    def _was_refused(self, source: Source, landed: Landed, last: Outcome) -> bool:
        return (
            last.result in outcomes.REFUSED
            and last.release_id == landed.release_id
            and last.declaration_hash == judging_fingerprint(source)
        )

    def _judged(self, pending: Waiting) -> Outcome:
        if isinstance(pending, PendingWindows):
            return judge_windows(pending)
        try:
            return self._judge(pending)
        except AnswerError as error:
            return self._refuse(pending, error)

    def _judge(self, pending: Pending) -> Outcome:
        """Parse, cast and gate 1; then the release is accepted.

        Raises:
            AnswerError: the release is refused.
        """
        from expectations import release_gate
        from ingestion.casting import cast, require_no_findings

        source, protocol = pending.visit.source, protocol_for(pending.visit.source)
        release_id = pending.landed.release_id
        shape, found = look_for_drift(
            self.layout, pending.visit, pending.look, pending.content, release_id
        )
        require_nothing_held(found, source.id)
        try:
            text = protocol.parse(source, pending.content, pending.landed.request)
        except AnswerError as error:
            raise advised(error, found) from error
        try:
            read = cast(
                text,
                source,
                protocol.conventions(source),
                KNOWN_MUNICIPALITIES,
                spellings_for(source),
            )
            require_no_findings(read, source)
            before = accepted.newest(self.layout, source.id)
            frame = accepted.read_frame(self.layout, before) if before else None
            warned = release_gate.require_passed(read.frame, source, frame, release_id)
        except AnswerError as error:
            error.rows_refused = len(text)
            raise advised(error, found) from error
        require_nothing_refused(found, source.id)
        release = self._release(pending, read, warned)
        accepted.accept(self.layout, release, read.frame)
        keep_shape(self.layout, source.id, release_id, shape.plain())
        return pending.visit.accepted(pending.look, release)

    def _release(self, pending: Pending, read: "Cast", warned: str | None) -> Release:
        source = pending.visit.source
        at = accepted.moment_of_acceptance(self.layout, source.id, self.settings.now())
        return Release(
            source_id=source.id,
            release_id=pending.landed.release_id,
            recorded_at=at.isoformat(),
            declaration_hash=reading_fingerprint(source),
            provider_updated_at=pending.look.provider_updated_at,
            is_active=pending.look.is_active,
            latest_period=str(read.frame[source.period.name].max()),
            rows_read=read.rows_read,
            rows_accepted=len(read.frame),
            rows_set_aside=read.rows_set_aside,
            transport=self.settings.transport,
            warned=warned,
        )

    def _refuse(self, pending: Pending, error: AnswerError) -> Outcome:
        source_id, release_id = pending.visit.source.id, pending.landed.release_id
        at = self.settings.now().isoformat()
        quarantine(self.layout, source_id, release_id, at, error.code, error.message, error.hint)
        return pending.visit.refused(pending.look, release_id, error)


def _counted(pending: Waiting) -> Waiting:
    """With the requests of its own visit: until it is judged, others ask the same provider."""
    requests = pending.visit.requests()
    return replace(pending, visit=replace(pending.visit, requests=lambda: requests))


def _is_same(visit: Visit, look: Look, good: Outcome | None) -> bool:
    """The provider says what it said at the last good look."""
    told = (visit.stamp(look), look.is_active)
    return good is not None and (good.stamp, good.is_active) == told


def _spent(client: HttpClient) -> int:
    return client.budget.spent if client.budget else 0


def unexpected(error: Exception) -> SourceError:
    """A fault nobody foresaw concerns one source only; it is logged whole and told in short."""
    LOG.error("unexpected fault while taking in a source", exc_info=error)
    kind = type(error).__name__
    return SourceError(UNEXPECTED, f"Unexpected {kind}: {error}.", "The log has the whole fault.")
