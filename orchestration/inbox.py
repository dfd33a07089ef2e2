"""The watched inbox and the embedded examples: which files wait to be handed in."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from ingestion.declaration import load_sources
from orchestration.arrivals import Arrival, read_arrival
from orchestration.fingerprint import code_fingerprint
from orchestration.settings import Settings
from warehouse import outcomes, publications
from warehouse import submissions as store
from warehouse.landing import read_landed
from warehouse.submissions import SOURCE_ID

LOG = logging.getLogger(__name__)
SETTLED_SECONDS = 1.0
UNFINISHED = (".", "~$")
PARTIAL = {".tmp", ".part", ".crdownload"}


def waiting_files(settings: Settings) -> list[Path]:
    """Files in the inbox, oldest first; folders belong to sources, unfinished copies wait."""
    inbox = settings.layout.inbox
    if not inbox.is_dir():
        return []
    files = {
        path: state
        for path in inbox.iterdir()
        if path.is_file() and not _why_not(path) and (state := _state(path))
    }
    return sorted(files, key=lambda path: (files[path][1], path.name))


def left_alone(settings: Settings) -> list[tuple[str, str]]:
    """What lies in the inbox and is not taken in: its name, and why not; folders of sources are
    theirs.
    """
    inbox = settings.layout.inbox
    entries = sorted(inbox.iterdir()) if inbox.is_dir() else []
    sources = {s.id for s in load_sources() if s.request.protocol == "file_drop"}
    reasons = [(path, _why_not(path)) for path in entries if path.name not in sources]
    return [(path.name, reason) for path, reason in reasons if reason]


def _why_not(path: Path) -> str | None:
    """Why an entry of the inbox is no report that can be read; None when it may be one."""
    if path.is_symlink():
        return "a link is not followed"
    if path.is_dir():
        return "a folder of no source"
    if path.name.startswith(UNFINISHED) or path.suffix.lower() in PARTIAL:
        return "an unfinished or hidden file, by its name"
    return None if path.is_file() or not path.exists() else "no plain file"


def waiting_examples(settings: Settings) -> list[Arrival]:
    """Embedded example submissions that were not taken in yet; none when providers are asked."""
    if settings.transport != "snapshot" or _has_taken_examples(settings):
        return []
    from ingestion.snapshot.submissions import example_submissions
    from orchestration.judging import REPORT, form
    from orchestration.registers import catalogue

    known = {
        s.submission.file_sha256
        for s in store.standings(settings.layout)
        if s.submission.is_example and s.status != "received"
    }
    found = example_submissions(form(REPORT), catalogue().municipalities)
    examples = [
        Arrival(example.file_name, example.content, True, received_at=example.received_at)
        for example in found
    ]
    return [example for example in examples if example.sha256 not in known]


def waiting_received(settings: Settings) -> list[Arrival]:
    """Files that were landed and never decided on, because something broke or was killed."""
    waiting = [s.submission for s in store.standings(settings.layout) if s.status == "received"]
    landed = [
        read_landed(settings.layout, SOURCE_ID, submission.file_sha256)
        for submission in waiting
        if not submission.is_example
    ]
    return [
        Arrival(
            str(about.request["file"]),
            content,
            is_from_inbox=bool(about.request.get("is_from_inbox")),
        )
        for about, content in landed
    ]


def _has_taken_examples(settings: Settings) -> bool:
    """Examples follow from the code: those of the newest publication's code are in."""
    newest = publications.newest_manifest(settings.layout)
    last = outcomes.last_outcomes(settings.layout, SOURCE_ID)[0]
    return (
        newest is not None
        and newest["transport"] == "snapshot"
        and newest["code_fingerprint"] == code_fingerprint()
        and last is not None
        and last.result != "failed"
    )


def read_waiting(paths: Sequence[Path]) -> list[tuple[Path, Arrival]]:
    """The files with their bytes; one that is still being written is left for the next look."""
    before = {path: _state(path) for path in paths}
    if any(state and time.time() - state[1] / 1e9 < SETTLED_SECONDS for state in before.values()):
        time.sleep(SETTLED_SECONDS)
    settled = [path for path, state in before.items() if state and _state(path) == state]
    return [(path, arrival) for path in settled if (arrival := _read(path))]


def _state(path: Path) -> tuple[int, int] | None:
    """Size and time of change; None when the file is gone."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _read(path: Path) -> Arrival | None:
    try:
        return read_arrival(path, is_from_inbox=True)
    except OSError as error:
        LOG.warning("%s cannot be read and is left in the inbox: %s", path.name, error)
        return None


def clear(settings: Settings, path: Path, arrival: Arrival) -> None:
    """Take a file that was decided on out of the inbox; its bytes are kept elsewhere.

    A file that changed meanwhile is another one and waits. One too large to be landed whole goes to
    quarantine as it is.
    """
    if _read(path) != arrival:
        return
    if path.stat().st_size > len(arrival.content):
        folder = settings.layout.quarantine / SOURCE_ID
        folder.mkdir(parents=True, exist_ok=True)
        path.replace(folder / f"{arrival.sha256}.{arrival.landed_extension}")
    else:
        path.unlink()
