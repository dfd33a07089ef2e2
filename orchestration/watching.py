"""Is the schedule alive? Asked from outside of it, by cron or a systemd timer, and told once.

A scheduler that has stopped cannot say so itself, so nothing here imports Dagster: runs are read
from the state root, the daemon's signs of life from its storage.
"""

import logging
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration import alert_texts as texts
from orchestration.alerts import (
    DAEMON,
    SCHEDULER,
    STUCK,
    Matter,
    open_alerts_report,
    standing_matters,
    tell,
)
from orchestration.settings import Settings
from warehouse import outcomes
from warehouse.run_lock import holder

LOG = logging.getLogger(__name__)
LAST_SEEN = "select max(timestamp) from daemon_heartbeats"
# The daemon writes one every half minute.
LONGEST_SILENCE = timedelta(minutes=5)
# Longer silent than this, it is no daemon that stopped but one that is no longer used.
FORGOTTEN = timedelta(days=7)


@dataclass(frozen=True)
class Limits:
    """How long the schedule may be silent, and a run may take, in hours."""

    run_every: float = 26.0
    longest_run: float = 6.0


def watch(settings: Settings, limits: Limits) -> dict[str, Any]:
    """Look at the schedule, tell what is new, and report.

    Args:
        settings: state root and channels.
        limits: what is too long.

    Returns:
        ``is_well``, the last run, the daemon's last sign of life, what people were told now, and
        every matter that is open.
    """
    now = settings.now()
    began, runs_now = _last_began(settings)
    daemon = None if settings.as_of else daemon_seen_at(settings)
    matters = _of_the_schedule(now, began, runs_now, daemon, limits)
    rows = tell(settings, [*matters, *standing_matters(settings)])
    return {
        "is_well": not matters,
        "last_run_began_at": began.isoformat() if began else None,
        "running": runs_now,
        "daemon_seen_at": daemon.isoformat() if daemon else None,
        "schedule": [matter.text for matter in matters],
        "told": [{"key": row.key, "event": row.event, "failed": list(row.failed)} for row in rows],
        "open": open_alerts_report(settings),
    }


def _of_the_schedule(
    now: datetime,
    began: datetime | None,
    runs_now: str | None,
    daemon: datetime | None,
    limits: Limits,
) -> list[Matter]:
    matters = []
    if began is None or now - began > timedelta(hours=limits.run_every):
        matters.append(Matter(SCHEDULER, texts.scheduler_stopped(began, limits.run_every)))
    if runs_now and began and now - began > timedelta(hours=limits.longest_run):
        matters.append(Matter(STUCK, texts.run_stuck(runs_now, limits.longest_run)))
    if daemon and LONGEST_SILENCE < now - daemon < FORGOTTEN:
        matters.append(Matter(DAEMON, texts.daemon_stopped(daemon)))
    return matters


def _last_began(settings: Settings) -> tuple[datetime | None, str | None]:
    """When the newest run began, and its id while it is still running."""
    runs = outcomes.runs(settings.layout)
    last = datetime.fromisoformat(runs[-1]["started_at"]) if runs else None
    running = holder(settings.layout.run_lock)
    if running is None:
        return last, None
    return datetime.strptime(running[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC), running


def daemon_seen_at(settings: Settings) -> datetime | None:
    """The last sign of life of Dagster's daemon on this state root; None without any."""
    if settings.dagster_postgres_dsn:
        found = _seen_in_postgres(settings.dagster_postgres_dsn)
    else:
        found = _seen_in_sqlite(settings.layout.dagster / "history" / "runs.db")
    return found.replace(tzinfo=UTC) if found else None


def _seen_in_sqlite(path: Path) -> datetime | None:
    if not path.exists():
        return None
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        found = connection.execute(LAST_SEEN).fetchone()[0]
    except sqlite3.OperationalError:
        # A storage that Dagster has not set up yet.
        return None
    finally:
        connection.close()
    return datetime.fromisoformat(found) if found else None


def _seen_in_postgres(dsn: str) -> datetime | None:
    """The daemon's last sign of life there; a server that is down says nothing of the daemon."""
    import psycopg2

    try:
        with closing(psycopg2.connect(dsn, connect_timeout=10)) as connection:
            cursor = connection.cursor()
            cursor.execute(LAST_SEEN)
            row = cursor.fetchone()
    except psycopg2.Error as error:
        LOG.warning("Dagster's storage cannot be asked: %s", str(error).splitlines()[0])
        return None
    return row[0] if row else None
