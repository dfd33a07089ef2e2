"""When a provider that does not answer is asked again, and when it is left alone for a while.

Within a run: a source that failed in passing is asked again after each of the declared pauses
(``KLIMAMONITOR_ASK_AGAIN_SECONDS``); once two of a provider's sources in a row got no answer, the
others are not asked until the next pause is over, for a silent host costs a minute for each.
Between runs: a source that failed three times in a row is asked again after six hours, then twelve,
then nearly a day: every night asks, and runs that the inbox starts do not hammer.
"""

import math
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from ingestion.errors import NotAskedError, SourceError
from warehouse.outcomes import Outcome

NOT_ASKED, SILENT, UNEXPECTED = "not-asked", "http-unreachable", "unexpected"
SILENT_IN_A_ROW, FAILED_IN_A_ROW = 2, 3
# No answer, a broken or endless one, or the provider's own fault; a refusal stays what it is.
PASSING = frozenset(
    {SILENT, "http-slow", "http-broken"} | {f"http-{n}" for n in (500, 502, 503, 504)}
)
PAUSES = (timedelta(hours=6), timedelta(hours=12), timedelta(hours=23))


def require_worth_asking(source_id: str, rows: Sequence[Outcome], now: datetime) -> None:
    """Leave a source alone that failed too often lately.

    Args:
        source_id: for the message.
        rows: every look at the source, oldest first.
        now: the clock.

    Raises:
        NotAskedError: saying since when it fails and when it is asked again.
    """
    failed = _failed_in_a_row(rows)
    if len(failed) < FAILED_IN_A_ROW:
        return
    pause = PAUSES[min(len(failed) - FAILED_IN_A_ROW, len(PAUSES) - 1)]
    again = datetime.fromisoformat(failed[-1].at) + pause
    if now < again:
        raise NotAskedError(
            NOT_ASKED,
            f"{source_id} failed {len(failed)} times in a row and was not asked; last: "
            f"{failed[-1].reason}",
            f"It is asked again after {again.isoformat(timespec='minutes')}, or with --force.",
        )


def _failed_in_a_row(rows: Sequence[Outcome]) -> list[Outcome]:
    """The failures since the last answer, without the looks that did not ask."""
    failed: list[Outcome] = []
    for row in reversed(rows):
        # A fault of ours says nothing of the provider, and may be mended by now.
        if row.result != "failed" or row.code == UNEXPECTED:
            break
        if row.code != NOT_ASKED:
            failed.insert(0, row)
    return failed


class PassingError(Exception):
    """A source failed in a way that may pass: it is asked again in this run, after ``seconds``."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Silence:
    """How many of each provider's sources in a row got no answer in this run.

    A silence counts for ``lasts`` seconds, then the provider is tried again.
    """

    def __init__(self, lasts: float = math.inf) -> None:
        self._lasts = lasts
        self._in_a_row: dict[str, int] = {}
        self._since: dict[str, float] = {}

    def is_silent(self, provider: str) -> bool:
        """Whether so many of its sources got no answer, lately, that the others are not asked."""
        since = time.monotonic() - self._since.get(provider, -math.inf)
        return self._in_a_row.get(provider, 0) >= SILENT_IN_A_ROW and since < self._lasts

    def require_answering(self, provider: str) -> None:
        """Do not ask a provider that is silent tonight.

        Raises:
            NotAskedError: saying why.
        """
        if self.is_silent(provider):
            raise NotAskedError(
                NOT_ASKED,
                f"{provider} did not answer for {self._in_a_row[provider]} of its sources, so the "
                "others were not asked.",
                "The next run asks again.",
            )

    def heard(self, provider: str, error: SourceError | None) -> None:
        """Note whether the provider answered."""
        if error is None or error.code not in (SILENT, NOT_ASKED):
            self._in_a_row[provider] = 0
        elif error.code == SILENT:
            self._in_a_row[provider] = self._in_a_row.get(provider, 0) + 1
            self._since[provider] = time.monotonic()
