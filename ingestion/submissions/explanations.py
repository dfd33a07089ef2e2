"""Notation keys must be explained, and IE must lead to a number in the same table."""

import re
from collections.abc import Iterator, Mapping, Sequence

from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.form import Block
from ingestion.submissions.rows import Answer, Row

EXPLANATION = "explanation"
ELSEWHERE = "IE"

# The rows that each IE names, by the number of its row.
Links = Mapping[int, Sequence[Row]]


def explanation_findings(block: Block, rows: Sequence[Row]) -> Iterator[Finding]:
    """Keys without explanation, and IE that names no row, a row without a number, or itself.

    An IE that may name a row whose own key cannot be read is not judged.

    Args:
        block: the table as declared.
        rows: its rows as read.
    """
    explained = [(row, row.answers[EXPLANATION]) for row in rows if EXPLANATION in row.answers]
    keyed = [(row, told, key) for row, told in explained if (key := _notation_key(row))]
    links = {
        row.number: _named_rows(row, told.value.text or "", rows)
        for row, told, key in keyed
        if key == ELSEWHERE and told.value
    }
    for row, told, key in keyed:
        if told.is_empty:
            code = "notation-key-without-explanation"
            yield finding(code, told.place, field=EXPLANATION, key=key)
        elif row.number in links and not _may_name_a_lost_row(told, block, rows):
            yield from _link_findings(row, told, links)


def _may_name_a_lost_row(told: Answer, block: Block, rows: Sequence[Row]) -> bool:
    """Rows without a readable key have findings of their own."""
    if not block.fixed_rows:
        return any("" in row.key.split("|") for row in rows)
    text = told.value.text or "" if told.value else ""
    lost = {fixed.key for fixed in block.fixed_rows} - {row.key for row in rows}
    return any(_names(text, key) for key in lost)


def _link_findings(row: Row, told: Answer, links: Links) -> Iterator[Finding]:
    """What is wrong with one IE."""
    text = told.value.text if told.value else None
    circle = _circle(row, links)
    numberless = [target.key for target in links[row.number] if not _is_number(target)]
    if not links[row.number]:
        yield finding("ie-target-missing", told.place, field=EXPLANATION, found=text)
    elif circle:
        # A circle is one fault, told at its first row.
        if row.number == min(link.number for link in circle):
            target = " → ".join(link.key for link in circle)
            yield finding("ie-circular", told.place, field=EXPLANATION, found=text, target=target)
    elif numberless:
        code = "ie-target-not-a-number"
        yield finding(code, told.place, field=EXPLANATION, found=text, target=numberless[0])


def _amount(row: Row) -> Answer | None:
    """The cell of the row's figure."""
    return next((a for a in row.answers.values() if a.asked.type == "amount"), None)


def _notation_key(row: Row) -> str | None:
    amount = _amount(row)
    return amount.value.notation_key if amount and amount.value else None


def _is_number(row: Row) -> bool:
    """Whether the figure is a number; one that could not be read has its own finding."""
    amount = _amount(row)
    if amount is None or amount.is_empty:
        return False
    return amount.value is None or amount.value.number is not None


def _named_rows(row: Row, text: str, rows: Sequence[Row]) -> list[Row]:
    """The rows that an explanation names; a free row also by the last part of its key."""
    scope = row.key.rpartition("|")[0]
    named = [
        other
        for other in rows
        if _names(text, other.key)
        or (not other.fixed and other.key.startswith(f"{scope}|") and _names(text, _tail(other)))
    ]
    # A row may name itself in passing; only when it names nothing else does it lead to itself.
    return [other for other in named if other is not row] or named


def _tail(row: Row) -> str:
    return row.key.rpartition("|")[2]


def _names(text: str, key: str) -> bool:
    """Whether a text holds a key as a word of its own: ``I.1`` is not in ``I.1.2``."""
    # Most keys are not there at all, which needs no pattern.
    if not key or key.casefold() not in text.casefold():
        return False
    word = rf"(?<![\w.|]){re.escape(key)}(?![\w|]|\.\w)"
    return re.search(word, text, re.IGNORECASE) is not None


def _circle(start: Row, links: Links) -> list[Row]:
    """A circle of IE through a row, which stands at both ends; empty when there is none."""
    waiting = [[start, target] for target in links[start.number]]
    seen: set[int] = set()
    while waiting:
        path = waiting.pop(0)
        if path[-1] is start:
            return path
        if path[-1].number not in seen:
            seen.add(path[-1].number)
            waiting += [[*path, target] for target in links.get(path[-1].number, ())]
    return []
