"""The watched inbox and the embedded examples: which files wait to be handed in."""

import time
from collections.abc import Sequence
from pathlib import Path

from orchestration.arrivals import Arrival
from orchestration.fingerprint import code_fingerprint
from orchestration.settings import Settings
from warehouse import outcomes, publications
from warehouse import submissions as store
from warehouse.submissions import SOURCE_ID

SETTLED_SECONDS = 1.0
UNFINISHED = (".", "~$")
PARTIAL = {".tmp", ".part", ".crdownload"}


def waiting_files(settings: Settings) -> list[Path]:
    """Files in the inbox, oldest first; folders belong to sources, unfinished copies wait."""
    inbox = settings.layout.inbox
    if not inbox.is_dir():
        return []
    files = [
        path
        for path in inbox.iterdir()
        if path.is_file()
        and not path.is_symlink()
        and not path.name.startswith(UNFINISHED)
        and path.suffix.lower() not in PARTIAL
    ]
    return sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name))


def waiting_examples(settings: Settings) -> list[Arrival]:
    """Embedded example submissions that were not taken in yet; none when providers are asked."""
    if settings.transport != "snapshot" or _has_taken_examples(settings):
        return []
    from ingestion.snapshot.submissions import example_submissions
    from orchestration.judging import REPORT, catalogue, form

    known = {
        s.submission.file_sha256
        for s in store.standings(settings.layout)
        if s.submission.is_example and s.status != "received"
    }
    found = example_submissions(form(REPORT), catalogue().municipalities)
    examples = [Arrival(name, content, True) for name, content in found]
    return [example for example in examples if example.sha256 not in known]


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
    youngest = max((path.stat().st_mtime for path in paths), default=0.0)
    wait = youngest + SETTLED_SECONDS - time.time()
    if wait > 0:
        time.sleep(min(wait, SETTLED_SECONDS))
    return [(path, Arrival(path.name, path.read_bytes())) for path in paths if _is_settled(path)]


def _is_settled(path: Path) -> bool:
    return path.exists() and time.time() - path.stat().st_mtime >= SETTLED_SECONDS
