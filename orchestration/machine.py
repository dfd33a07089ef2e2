"""Faults of the machine, not of a source or a report: they end the run, whoever met them.

A full disk that became the state of a source would be published as that source's trouble.
"""

import shutil
from pathlib import Path

FULL = "The disk is full. Free some space, then start again."
# SQLite calls a disk that is full and one that is broken by the same words.
IN_SQLITE, LEAST_FREE_BYTES = "disk i/o error", 1_000_000
HINTS = {
    FULL: (
        "No space left on device",
        "Disk quota exceeded",
        "disk is full",
        "File too large",
    ),
    "The memory is exhausted. Give the machine or its container more, then start again.": (
        "MemoryError",
        "Out of Memory",
        "OutOfMemory",
        "Cannot allocate memory",
        "bad_alloc",
        "bad allocation",
        "can't start new thread",
        "malloc of size",
    ),
    "The disk cannot be written. Mend it or its mount, then start again.": (
        "Read-only file system",
        "Input/output error",
        "disk I/O error",
        "readonly database",
    ),
}


def told(error: BaseException) -> str:
    """An error as a run's reason names it."""
    return f"{type(error).__name__}: {error}"


def whole_story(error: BaseException | None) -> str:
    """An error and those it was raised upon: one of tidying up may hide what broke."""
    words = []
    while error is not None:
        words.append(str(error))
        error = error.__cause__ or error.__context__
    return ", while handling: ".join(words)


def hint(text: str, root: Path) -> str | None:
    """What to do about a fault of the machine, from its words; None when it is another fault.

    Words, because Python, DuckDB, Arrow and SQLite each raise errors of their own, and dbt hands
    on nothing but text.

    Args:
        text: the error.
        root: a folder on the disk that was written.
    """
    is_full = IN_SQLITE in text.lower() and shutil.disk_usage(root).free < LEAST_FREE_BYTES
    return FULL if is_full else _advice(text)


def _advice(text: str) -> str | None:
    lower = text.lower()
    for advice, words in HINTS.items():
        if any(word.lower() in lower for word in words):
            return advice
    return None


def reraise_if_of_the_machine(error: Exception) -> None:
    """End the run when the machine is at fault, and not what was just looked at.

    Raises:
        Exception: the very error.
    """
    if _advice(told(error)):
        raise error
