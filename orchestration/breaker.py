"""When a provider that does not answer is left alone for a while.

Within a run: once two of a provider's sources in a row got no answer, the others are not asked, for
a silent host costs a minute for each. Between runs: a source that failed three times in a row is
asked again after six hours, then twelve, then nearly a day: every night asks, and runs that the
inbox starts do not hammer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingestion.errors import NotAskedError, SourceError
from warehouse.outcomes import Outcome

NOT_ASKED, SILENT = "not-asked", "http-unreachable"
SILENT_IN_A_ROW, FAILED_IN_A_ROW = 2, 3
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
        if row.result != "failed":
            break
        if row.code != NOT_ASKED:
            failed.insert(0, row)
    return failed


class Silence:
    """How many of each provider's sources in a row got no answer in this run."""

    def __init__(self) -> None:
        self._in_a_row: dict[str, int] = {}

    def require_answering(self, provider: str) -> None:
        """Do not ask a provider that is silent tonight.

        Raises:
            NotAskedError: saying why.
        """
        silent = self._in_a_row.get(provider, 0)
        if silent >= SILENT_IN_A_ROW:
            raise NotAskedError(
                NOT_ASKED,
                f"{provider} did not answer for {silent} of its sources, so the others were not "
                "asked.",
                "The next run asks again.",
            )

    def heard(self, provider: str, error: SourceError | None) -> None:
        """Note whether the provider answered."""
        if error is None or error.code not in (SILENT, NOT_ASKED):
            self._in_a_row[provider] = 0
        elif error.code == SILENT:
            self._in_a_row[provider] = self._in_a_row.get(provider, 0) + 1
