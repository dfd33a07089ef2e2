"""What people must be told of, read from the state root, and telling it once.

Belongs here: which matters stand (held, failed, sources in trouble or stale, PostgreSQL, a
scheduler that stopped) and the bookkeeping that each is told once, and once more when it is over.
The words are ``orchestration/alert_texts.py``, the channels ``orchestration/alert_channels.py``.
"""

import logging
from collections.abc import Container, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ingestion.declaration import load_sources
from orchestration import alert_texts as texts
from orchestration.alert_channels import ChannelError, channels
from orchestration.serving import serving_report
from orchestration.settings import Settings
from orchestration.source_states import SourceState, source_state
from warehouse import outcomes, publications
from warehouse.alert_log import AlertRecord, Event, one_teller, open_alerts, record_alert

LOG = logging.getLogger(__name__)
GOOD = ("published", "unchanged")
SCHEDULER, DAEMON, STUCK = "scheduler", "daemon", "stuck"
# Only a look from outside can tell whether these are over.
SEEN_FROM_OUTSIDE = frozenset({DAEMON, STUCK})


@dataclass(frozen=True)
class Matter:
    """Something that people must know, as long as it stands."""

    key: str
    text: str


@dataclass(frozen=True)
class Message:
    """A matter that began or is over."""

    key: str
    event: Event
    text: str


def standing_matters(settings: Settings) -> list[Matter]:
    """What the last run left behind that a person must know of, oldest kinds first."""
    matters = [*_of_the_runs(settings)]
    for source in load_sources():
        matters += _of_source(source_state(settings, source))
    serving = serving_report(settings)
    if serving["state"] == "behind" and serving["last_result"] == "failed":
        matters.append(Matter("postgres", texts.postgres_behind(serving)))
    return matters


def _of_the_runs(settings: Settings) -> Iterator[Matter]:
    """The newest held and the newest failed run since the last one that ended well."""
    told = {"held": texts.run_held, "failed": texts.run_failed}
    for run in reversed(outcomes.runs(settings.layout)):
        if run["result"] in GOOD:
            return
        if run["result"] in told:
            yield Matter(f"run:{run['result']}", told.pop(run["result"])(run))


def _of_source(state: SourceState) -> Iterator[Matter]:
    """Its trouble, and beside it its age: a source may be both out of reach and stale.

    Figures of the embedded snapshot are old, and say so; nobody need be woken for that.
    """
    words = [state.state] if state.state in ("quarantined", "failed", "held") else []
    if state.release and state.release.transport == "live" and state.age:
        words += ["retired"] * state.is_retired
        words += ["stale"] * (state.age.state == "stale" and not state.is_retired)
    for word in words:
        yield Matter(f"source:{state.source.id}:{word}", texts.source_in_trouble(state, word))


def tell(
    settings: Settings, matters: Sequence[Matter], left_open: Container[str] = ()
) -> list[AlertRecord]:
    """Tell of every matter that is new and every one that is over, in one message.

    Args:
        settings: the channels, and the state root that remembers what was told.
        matters: what stands now; what was told and is not among them is over.
        left_open: matters that are not over only because they are not among these.

    Returns:
        The rows that were written; of a message that no channel took, ``unsent`` ones.
    """
    with one_teller(settings.layout):
        return _tell(settings, matters, left_open)


def _tell(
    settings: Settings, matters: Sequence[Matter], left_open: Container[str]
) -> list[AlertRecord]:
    known = open_alerts(settings.layout)
    standing = {matter.key for matter in matters}
    news = [Message(m.key, "raised", m.text) for m in matters if m.key not in known]
    news += [
        Message(key, "recovered", texts.over(row.text))
        for key, row in known.items()
        if key not in standing and key not in left_open
    ]
    if not news:
        return []
    sent, failed = _send(settings, news)
    at = settings.now().isoformat()
    rows = []
    for message in news:
        event = message.event if sent or not failed else "unsent"
        text = message.text if message.event == "raised" else known[message.key].text
        rows.append(AlertRecord(message.key, event, at, text, sent, failed))
        record_alert(settings.layout, rows[-1])
    return rows


def tell_after_run(settings: Settings) -> None:
    """Tell what this run left behind; a stopped scheduler is over, for here is a run.

    Trouble in telling changes nothing about how the run ended; it is logged whole.
    """
    try:
        tell(settings, standing_matters(settings), SEEN_FROM_OUTSIDE)
    except Exception:
        LOG.exception("what this run left behind could not be told")


def _send(settings: Settings, news: list[Message]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the channels that took the message, and why the others did not."""
    sent, failed = [], []
    subject = texts.subject([message.event for message in news])
    seen = texts.readers_see(publications.current_manifest(settings.layout))
    text = "\n\n".join([*(message.text for message in news), seen])
    rows: list[dict[str, Any]] = [asdict(message) for message in news]
    for name, send in channels(settings):
        try:
            send(subject, text, rows)
            sent.append(name)
        except ChannelError as error:
            LOG.warning("an alert was not sent by %s: %s", name, error)
            failed.append(f"{name}: {error}")
    return tuple(sent), tuple(failed)


def open_alerts_report(settings: Settings) -> list[dict[str, Any]]:
    """What people were told of and is not over, as plain data."""
    known = open_alerts(settings.layout)
    return [{"key": key, "since": row.at, "text": row.text} for key, row in known.items()]
