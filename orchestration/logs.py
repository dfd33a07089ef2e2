"""Log lines for programs: JSON with the run, the source and the municipality they are about.

Off unless ``KLIMAMONITOR_LOG_FORMAT`` is ``json``; then every line of this program and of the
libraries it uses goes to standard error as one object.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

PACKAGES = ("ingestion", "warehouse", "expectations", "orchestration")
ABOUT: ContextVar[dict[str, str]] = ContextVar("about")


@contextmanager
def about(**what: str | None) -> Iterator[None]:
    """What the lines inside are about: ``run``, ``source``, ``municipality``."""
    named = {name: value for name, value in what.items() if value}
    token = ABOUT.set({**ABOUT.get({}), **named})
    try:
        yield
    finally:
        ABOUT.reset(token)


class JsonLines(logging.Formatter):
    """One object a line: time in UTC, level, logger, message, what it is about, the fault whole."""

    def format(self, record: logging.LogRecord) -> str:
        """As JSON on one line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **ABOUT.get({}),
        }
        if record.exc_info:
            line["fault"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def write_json_lines() -> None:
    """Send all log lines to standard error as JSON, this program's from ``info`` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for package in PACKAGES:
        logging.getLogger(package).setLevel(logging.INFO)
