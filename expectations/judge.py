"""Judging: the one door to Great Expectations, which may live in a process beside this one.

Great Expectations answers "success" to an empty suite and to an empty frame; here a judgement
without rules or without rows is a failure.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from expectations.engine import evaluate
from expectations.rules import Rule
from expectations.verdict import GateBrokenError, Judgement
from expectations.worker import Worker

if TYPE_CHECKING:
    import pandas as pd

_beside: list[Worker] = []


def judge(frame: "pd.DataFrame", rules: Sequence[Rule], index: Sequence[str]) -> list[Judgement]:
    """Judge a frame by rules.

    Args:
        frame: rows to judge; must not be empty.
        rules: at least one.
        index: columns that name a row to a reader, such as the key.

    Returns:
        One judgement per rule, in the order of the rules; a rule that raised has not passed.

    Raises:
        GateBrokenError: no rules, not one result per rule, or the process beside died.
    """
    if not rules:
        raise GateBrokenError("there is no rule to judge by")
    if frame.empty:
        return [Judgement(rule, False, "there are no rows to judge") for rule in rules]
    if _beside:
        return _beside[-1].evaluate(frame, rules, index)
    return evaluate(frame, rules, index)


@contextmanager
def judging_beside() -> Iterator[None]:
    """Judge in a process of its own while this lasts, so that both cores import at once.

    Inside of another one its process is used, while it lives.
    """
    if _beside and _beside[-1].is_alive:
        yield
        return
    with Worker() as worker:
        _beside.append(worker)
        try:
            yield
        finally:
            _beside.remove(worker)
