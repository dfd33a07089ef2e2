"""Faults of the machine, not of a source or a report: they end the run, whoever met them.

A full disk that became the state of a source would be published as that source's trouble.
"""

HINTS = {
    "The disk is full. Free some space, then start again.": (
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


def hint(text: str) -> str | None:
    """What to do about a fault of the machine, from its words; None when it is another fault.

    Words, because Python, DuckDB, Arrow and SQLite each raise errors of their own, and dbt hands
    on nothing but text.
    """
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
    if hint(told(error)):
        raise error
