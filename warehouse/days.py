"""Days as readers count them: a stamp is in UTC, a day is a day in Denmark."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def moment_of(stamp: str) -> datetime:
    """A recorded stamp as a moment, in UTC."""
    return datetime.fromisoformat(stamp).astimezone(UTC)


def day_of(stamp: str) -> date:
    """The day it was in Denmark at a recorded stamp."""
    return moment_of(stamp).astimezone(COPENHAGEN).date()
