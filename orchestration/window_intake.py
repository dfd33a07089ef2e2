"""A source in windows through the first half of the flow: each month on its own.

A month that is refused or cannot be had leaves the others alone: what came is accepted, the month
keeps the rows it had, and the outcome says which month is in trouble and why.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ingestion.drift import Drift
from ingestion.errors import AnswerError, ProviderError, SourceError
from ingestion.geography import KNOWN_MUNICIPALITIES
from ingestion.protocols import Access, Answer, Look, protocol_for, windowed_protocol_for
from ingestion.windows import Window, to_fetch
from orchestration.drifting import advised, look_for_drift, require_nothing_held
from orchestration.fingerprint import digest_of, reading_fingerprint
from orchestration.landings import land
from orchestration.registers import spellings_for
from orchestration.visit import Visit
from warehouse import accepted, landing
from warehouse.accepted import AcceptedWindow, Release
from warehouse.landing import Landed, LandingError
from warehouse.outcomes import Outcome
from warehouse.quarantine import quarantine
from warehouse.shapes import keep_shape

if TYPE_CHECKING:
    import pandas as pd

    from ingestion.casting import Cast

EMPTY = "answer-empty"


@dataclass(frozen=True)
class PendingWindows:
    """Landed months that gate 1 has not judged yet, oldest first, and what stopped the fetching."""

    visit: Visit
    look: Look
    landed: Mapping[Window, Landed]
    fetched: frozenset[str]
    trouble: SourceError | None = None


@dataclass
class Judged:
    """What became of the months: those in force, which of them are new, refusals, drift."""

    windows: dict[str, AcceptedWindow]
    drifts: list[Drift] = field(default_factory=list)
    new: set[str] = field(default_factory=set)
    refused: list[tuple[str, Landed, AnswerError]] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)


def fetch_windows(
    visit: Visit,
    access: Access,
    look: Look,
    rows: Sequence[Outcome],
    *,
    is_news: bool,
    asked_for: Collection[str],
) -> Outcome | PendingWindows:
    """Fetch and land the months that are due.

    Args:
        visit: to which source, in which run.
        access: how the provider is reached.
        look: what the first look told.
        rows: every earlier look at the source, oldest first.
        is_news: whether the provider says that anything changed, or a person wants to know.
        asked_for: months that a person wants to be fetched again.

    Raises:
        SourceError: not one month could be had.
    """
    source, layout = visit.source, visit.settings.layout
    release = accepted.newest(layout, source.id)
    again = _landed_before(visit, release)
    held = {*_in_force(visit, release), *again}
    fetched = {name: at for name, at in _fetched(visit, rows).items() if name in held}
    declared = source.windows
    if declared is None:
        raise TypeError(f"{source.id} is not fetched in windows")
    now = visit.settings.now()
    wanted = to_fetch(declared, fetched, now, is_news=is_news, asked_for=asked_for)
    if release and not wanted and not again:
        return visit.unchanged(look, release)
    came, trouble = _fetch(visit, access, look, wanted)
    if trouble and not came and not again:
        raise trouble
    landed = {Window(name): piece for name, piece in again.items()} | came
    names = frozenset(window.name for window in came)
    return PendingWindows(visit, look, dict(sorted(landed.items())), names, trouble)


def _in_force(visit: Visit, release: Release | None) -> dict[str, AcceptedWindow]:
    """The months in force, when they were read as they would be read today."""
    if release is None or release.transport != visit.settings.transport:
        return {}
    is_alike = release.declaration_hash == reading_fingerprint(visit.source)
    return dict(release.windows) if is_alike else {}


def _landed_before(visit: Visit, release: Release | None) -> dict[str, Landed]:
    """The landed months in force, when they are to be read in another way than they were.

    Those of other columns, or gone ones, are fetched again like months that never were.
    """
    if release is None or release.transport != visit.settings.transport:
        return {}
    if _in_force(visit, release):
        return {}
    protocol, found = windowed_protocol_for(visit.source), {}
    for name, window in release.windows.items():
        with suppress(FileNotFoundError):
            landed = landing.read_sidecar(visit.settings.layout, visit.source.id, window.release_id)
            if protocol.asked_alike(visit.source, landed.request):
                found[name] = landed
    return found


def _fetched(visit: Visit, rows: Sequence[Outcome]) -> dict[str, datetime]:
    """When each month was last fetched from where this run fetches."""
    return {
        name: datetime.fromisoformat(row.at)
        for row in rows
        if row.transport == visit.settings.transport
        for name in row.windows
    }


def _fetch(
    visit: Visit, access: Access, look: Look, wanted: Sequence[Window]
) -> tuple[dict[Window, Landed], SourceError | None]:
    """Month after month, until the provider does not answer."""
    protocol = windowed_protocol_for(visit.source)
    came: dict[Window, Landed] = {}
    for window in wanted:
        try:
            answer: Answer = protocol.fetch_window(visit.source, access, window)
        except AnswerError as error:
            return came, ProviderError(error.code, f"{window.name}: {error.message}", error.hint)
        except SourceError as error:
            return came, error
        came[window] = land(visit, look, answer, is_packed=True)
    return came, None


def judge_windows(pending: PendingWindows) -> Outcome:
    """Parse, cast and gate 1, month by month; then the release is accepted."""
    visit = pending.visit
    layout, source_id = visit.settings.layout, visit.source.id
    release = accepted.newest(layout, source_id)
    newest = list(pending.landed.values())[-1]
    content: bytes | None = None
    with suppress(LandingError):
        content = landing.read_landed(layout, source_id, newest.release_id)[1]
    shape, drifts = look_for_drift(layout, visit, pending.look, content, newest.release_id)
    judged = Judged(_in_force(visit, release), drifts)
    try:
        require_nothing_held(drifts, source_id)
    except AnswerError as error:
        return _refused(visit, pending.look, "", newest, error)
    for window, landed in pending.landed.items():
        known = judged.windows.get(window.name)
        if known is None or known.release_id != landed.release_id:
            _take_in(visit, window, landed, judged)
    if judged.new:
        release = _accept(visit, pending.look, judged)
        keep_shape(layout, source_id, newest.release_id, shape.plain())
    in_trouble = {name for name, _landed, _error in judged.refused}
    fetched = tuple(sorted(pending.fetched - in_trouble))
    return replace(_outcome(pending, judged, release), windows=fetched)


def _take_in(visit: Visit, window: Window, landed: Landed, judged: Judged) -> None:
    """One month to its file, or to quarantine."""
    try:
        read, warned = _read(visit, window, landed, judged)
    except AnswerError as error:
        if error.code == EMPTY and window.end > visit.settings.now():
            return
        judged.refused.append((window.name, landed, advised(error, judged.drifts)))
        return
    hours = read.frame[visit.source.period.name]
    made = AcceptedWindow(
        release_id=landed.release_id,
        file=f"{window.name}-{landed.release_id[:12]}-{reading_fingerprint(visit.source)}.parquet",
        latest_period=str(hours.max()),
        rows_read=read.rows_read,
        rows_accepted=len(read.frame),
        rows_set_aside=read.rows_set_aside,
    )
    accepted.write_window(visit.settings.layout, visit.source.id, made, read.frame)
    judged.windows[window.name] = made
    judged.new.add(window.name)
    judged.warned += [f"{window.name}: {warned}"] * bool(warned)


def _read(
    visit: Visit, window: Window, landed: Landed, judged: Judged
) -> tuple["Cast", str | None]:
    """The rows of one month, and what was only warned of.

    Raises:
        AnswerError: the month is refused.
    """
    from expectations import release_gate
    from expectations.window_gate import judge_window
    from ingestion.casting import cast, require_no_findings

    settings, source, protocol = visit.settings, visit.source, protocol_for(visit.source)
    try:
        content = landing.read_landed(settings.layout, source.id, landed.release_id)[1]
    except LandingError as error:
        raise AnswerError("landing-damaged", str(error)) from error
    text = protocol.parse(source, content, landed.request)
    conventions, names = protocol.conventions(source), spellings_for(source)
    read = cast(text, source, conventions, KNOWN_MUNICIPALITIES, names)
    try:
        require_no_findings(read, source)
        before = _rows(visit, judged, window)
        beside = _rows(visit, judged, window.before, window.after)
        more = judge_window(read.frame, source, window, settings.now(), beside)
        release_id = landed.release_id
        warned = release_gate.require_passed(read.frame, source, before, release_id, more)
    except AnswerError as error:
        error.rows_refused = len(text)
        raise
    return read, warned


def _rows(visit: Visit, judged: Judged, *windows: Window) -> "pd.DataFrame | None":
    """The rows of the first of these months that is in force."""
    for window in windows:
        known = judged.windows.get(window.name)
        if known:
            return accepted.read_window(visit.settings.layout, visit.source.id, known)
    return None


def _accept(visit: Visit, look: Look, judged: Judged) -> Release:
    source, settings = visit.source, visit.settings
    windows = dict(sorted(judged.windows.items()))
    at = accepted.moment_of_acceptance(settings.layout, source.id, settings.now())
    release = Release(
        source_id=source.id,
        release_id=digest_of({name: window.release_id for name, window in windows.items()}),
        recorded_at=at.isoformat(),
        declaration_hash=reading_fingerprint(source),
        provider_updated_at=look.provider_updated_at,
        is_active=look.is_active,
        latest_period=max(window.latest_period for window in windows.values()),
        rows_read=sum(window.rows_read for window in windows.values()),
        rows_accepted=sum(window.rows_accepted for window in windows.values()),
        rows_set_aside=sum(window.rows_set_aside for window in windows.values()),
        transport=settings.transport,
        warned="; ".join(judged.warned) or None,
        windows=windows,
    )
    accepted.accept_windows(settings.layout, release)
    return release


def _outcome(pending: PendingWindows, judged: Judged, release: Release | None) -> Outcome:
    """The row of the whole look: trouble of one month is the source's, with the month named."""
    visit, look = pending.visit, pending.look
    refusals = [_refused(visit, look, *refusal) for refusal in judged.refused]
    if refusals:
        more = f" {len(refusals) - 1} more months were refused." * (len(refusals) > 1)
        rows = sum(refusal.rows_quarantined for refusal in refusals)
        return replace(refusals[0], reason=f"{refusals[0].reason}{more}", rows_quarantined=rows)
    if pending.trouble:
        return visit.trouble(pending.trouble)
    if release is None:
        message = f"{visit.source.id}: no month has any figures yet."
        return visit.trouble(ProviderError(EMPTY, message))
    return visit.accepted(look, release) if judged.new else visit.unchanged(look, release)


def _refused(visit: Visit, look: Look, window: str, landed: Landed, error: AnswerError) -> Outcome:
    """A month, or all of them, into quarantine."""
    told = type(error)(error.code, f"{window}: {error.message}".lstrip(": "), error.hint)
    told.rows_refused = error.rows_refused
    at, layout = visit.settings.now().isoformat(), visit.settings.layout
    quarantine(layout, visit.source.id, landed.release_id, at, told.code, told.message, told.hint)
    return visit.refused(look, landed.release_id, told)
