"""Danish months as windows of hours, and which of them are to be fetched.

Hours are told apart in UTC, months are Danish: March has an hour less than its days say, October
one more. Belongs here: the arithmetic of windows. Does not belong here: how a window is asked for
(``ingestion/protocols``) or kept (``warehouse/accepted.py``).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ingestion.request import MONTH_FORM, Windows

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
HOUR = timedelta(hours=1)
MONTH_NAME = re.compile(MONTH_FORM)


@dataclass(frozen=True, order=True)
class Window:
    """One Danish month; ``start`` (inclusive) and ``end`` (exclusive) are moments in UTC."""

    name: str

    @property
    def start(self) -> datetime:
        """Danish midnight before the month's first day."""
        return _midnight(int(self.name[:4]), int(self.name[5:]))

    @property
    def end(self) -> datetime:
        """Danish midnight after the month's last day."""
        index = int(self.name[:4]) * 12 + int(self.name[5:])
        return _midnight(index // 12, index % 12 + 1)

    @property
    def before(self) -> "Window":
        """The month before."""
        return window_of(self.start - HOUR)

    @property
    def after(self) -> "Window":
        """The month after."""
        return window_of(self.end)

    @property
    def hours(self) -> int:
        """How many hours the month has: 743 in March, 745 in October."""
        return (self.end - self.start) // HOUR

    def is_settled(self, fetched_at: datetime, windows: Windows) -> bool:
        """Whether it was fetched so late after its end that it is not corrected any more."""
        return fetched_at >= self.end + timedelta(days=windows.look_back_days)


def _midnight(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=COPENHAGEN).astimezone(UTC)


def window_of(moment: datetime) -> Window:
    """The window that holds a moment."""
    local = moment.astimezone(COPENHAGEN)
    return Window(f"{local.year}M{local.month:02}")


def windows_until(first: str, now: datetime) -> list[Window]:
    """Every window from the first one to that of now, oldest first."""
    windows = [Window(first)]
    while windows[-1].end <= now:
        windows.append(window_of(windows[-1].end))
    return windows


def months_of(text: str) -> list[str]:
    """The names of the months in ``2024M01:2024M06``, or of the one in ``2024M01``.

    Raises:
        ValueError: it is neither, or ends before it begins.
    """
    first, _, last = text.partition(":")
    last = last or first
    if not (MONTH_NAME.fullmatch(first) and MONTH_NAME.fullmatch(last)) or last < first:
        raise ValueError(f"{text!r}: write two months as 2024M01:2024M06, or one as 2024M01.")
    return [window.name for window in windows_until(first, Window(last).start)]


def to_fetch(
    declared: Windows,
    fetched: Mapping[str, datetime],
    now: datetime,
    *,
    is_news: bool,
    asked_for: Collection[str] = (),
) -> list[Window]:
    """The windows that a run fetches, newest first.

    Args:
        declared: the first window, the look-back and the most per run.
        fetched: window → when it was last fetched.
        now: the clock.
        is_news: whether the provider says that anything changed.
        asked_for: windows that a person wants, whatever was fetched before.
    """
    newest_first = windows_until(declared.first, now)[::-1]
    wanted = [window for window in newest_first if window.name in asked_for]
    if is_news:
        known = [window for window in newest_first if window.name in fetched]
        wanted += [w for w in known if not w.is_settled(fetched[w.name], declared)]
    never = [window for window in newest_first if window.name not in fetched]
    room = max(0, declared.most_per_run - len(wanted))
    return sorted({*wanted, *never[:room]}, reverse=True)
