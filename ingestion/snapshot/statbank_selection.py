"""Which codes a request selects: lists, patterns, and for time also ranges and ranks."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ingestion.snapshot import statbank_messages as messages
from ingestion.snapshot.statbank_tables import Table, Variable, english_period

RANGE = re.compile(r"(?:>=(?P<first>\w+))?(?:<=(?P<last>\w+))?")
RANK = re.compile(r"\((\d+)\)")
NEWEST = re.compile(r"\(-n\+(\d+)\)")


def select(
    table: Table, asked: Iterable[Mapping[str, Any]], *, is_streamed: bool
) -> dict[str, list[str]]:
    """Codes by variable id, for the variables that are named, in the table's order.

    Raises:
        StatBankError: an unknown variable or value, or a variable left out that must be named:
            every variable when the format is streamed, else those that cannot be eliminated.
    """
    wanted = {str(given.get("code", "")).upper(): given.get("values") or [] for given in asked}
    for variable in table.variables:
        is_required = is_streamed or not variable.is_eliminable or variable.id.upper() in wanted
        if is_required and not wanted.get(variable.id.upper()):
            raise messages.values_required(variable.id)
    known = {variable.id.upper() for variable in table.variables}
    for name in wanted:
        if name not in known:
            raise messages.variable_not_found(name)
    named = [variable for variable in table.variables if variable.id.upper() in wanted]
    return {v.id: _codes(v, [str(text) for text in wanted[v.id.upper()]]) for v in named}


def _codes(variable: Variable, patterns: Sequence[str]) -> list[str]:
    """The union of what the patterns select, in the table's order."""
    chosen: set[str] = set()
    for pattern in patterns:
        found = set(_matching(variable, pattern))
        if not found:
            raise messages.value_not_found(pattern, variable.id)
        chosen |= found
    return [code for code in variable.labels if code in chosen]


def _matching(variable: Variable, pattern: str) -> Iterable[str]:
    codes = list(variable.labels)
    if variable.is_time:
        return _periods(codes, pattern)
    return _like(codes, pattern)


def _periods(codes: Sequence[str], pattern: str) -> Iterable[str]:
    """Periods by range ``>=2018M01<=2020M12``, rank ``(1)``, newest ``(-n+3)`` or pattern."""
    if rank := RANK.fullmatch(pattern):
        return codes[-int(rank[1]) :][:1] if 0 < int(rank[1]) <= len(codes) else []
    if newest := NEWEST.fullmatch(pattern):
        return codes[-int(newest[1]) :] if int(newest[1]) else []
    asked = english_period(pattern)
    bounds = RANGE.fullmatch(asked)
    if not bounds:
        return [code for code in codes if _like([english_period(code)], asked)]
    first, last = bounds["first"] or "", bounds["last"] or "9999"
    return [code for code in codes if first <= english_period(code) <= last]


def _like(codes: Sequence[str], pattern: str) -> list[str]:
    """Codes that match, ``*`` standing for any characters and ``?`` for one."""
    if "*" not in pattern and "?" not in pattern:
        return [code for code in codes if code == pattern]
    shape = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))
    return [code for code in codes if shape.fullmatch(code)]
