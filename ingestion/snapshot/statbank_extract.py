"""StatBank's ``/data``: the selected cells as CSV or BULK.

CSV holds every combination of the selection; BULK leaves out those that equal the table's
suppressed value, needs every variable and knows no limit. A variable left out of a CSV request is
eliminated: its total when it has one, else the sum of its values.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any

from ingestion.snapshot import statbank_messages as messages
from ingestion.snapshot.protocol import Answer, text_answer
from ingestion.snapshot.statbank_selection import select
from ingestion.snapshot.statbank_tables import (
    Key,
    Table,
    Variable,
    english_period,
    load_table,
    read_cells,
)

CELL_LIMIT = 1_000_000
TOTALS = ("000", "TOT", "IALT", "20200")
DELIMITERS = {"Semicolon": ";", "Tab": "\t"}
UNAVAILABLE = ".."
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Extract:
    """A checked request: the table, the codes of the variables it shows, and how to write them."""

    table: Table
    shown: Mapping[str, Sequence[str]]
    language: str
    presentation: str
    delimiter: str
    is_streamed: bool

    @property
    def cells(self) -> int:
        """Cells as counted against the limit: rows × columns.

        Recorded: 105 × 3 × 127 × 5 × 71 rows of FOLK1A are refused as 85.210.650 cells, so the
        columns are the five variables, time among them, and the figure.
        """
        return math.prod(map(len, self.shown.values())) * (len(self.shown) + 1)


def extract(asked: Mapping[str, Any], language: str, cell_limit: int) -> Answer:
    """Answer ``POST /data``.

    Raises:
        StatBankError: what the provider would refuse.
    """
    wanted = _checked(asked, language)
    if wanted.is_streamed:
        return text_answer("".join(_lines(wanted)), media_type="text/csv")
    if wanted.cells > cell_limit:
        raise messages.too_many_cells(wanted.cells, cell_limit)
    return text_answer(BYTE_ORDER_MARK + "".join(_lines(wanted)), media_type="text/csv")


def _checked(asked: Mapping[str, Any], language: str) -> Extract:
    kind = str(asked.get("format") or "").upper()
    if kind not in ("CSV", "BULK"):
        raise messages.format_missing()
    table = load_table(asked.get("table"), language)
    is_streamed = kind == "BULK"
    if is_streamed and asked.get("timeOrder"):
        raise messages.time_order_refused()
    shown = select(table, asked.get("variables") or [], is_streamed=is_streamed)
    if str(asked.get("timeOrder", "")).lower() == "descending":
        time = table.variables[-1].id
        shown[time] = shown[time][::-1]
    presentation = str(asked.get("valuePresentation") or "Default")
    delimiter = DELIMITERS.get(str(asked.get("delimiter")), ";")
    return Extract(table, shown, language, presentation, delimiter, is_streamed)


def _lines(wanted: Extract) -> Iterator[str]:
    """The header and the rows, each with its line end."""
    columns = [name.upper() for name in wanted.shown]
    yield wanted.delimiter.join([*columns, "INDHOLD"]) + "\r\n"
    texts = [_presented(v, wanted) for v in wanted.table.variables if v.id in wanted.shown]
    suppressed = wanted.table.suppressed_value
    for codes, value in _rows(wanted):
        if wanted.is_streamed and _is_same(value, suppressed):
            continue
        row = [text[code] for text, code in zip(texts, codes, strict=True)]
        yield wanted.delimiter.join([*row, _written(value, wanted.language)]) + "\r\n"


def _presented(variable: Variable, wanted: Extract) -> Mapping[str, str]:
    """How each code is written; periods are codes in every presentation."""
    if variable.is_time or wanted.presentation == "Code":
        return {code: code for code in variable.labels}
    if wanted.presentation == "CodeAndValue":
        return {code: f"{code} {text}" for code, text in variable.labels.items()}
    return variable.labels


def _rows(wanted: Extract) -> Iterator[tuple[Key, str]]:
    """Every combination of the shown codes with its figure."""
    held = read_cells(wanted.table.id)
    suppressed = wanted.table.suppressed_value
    hidden = {v.id: _eliminated(v) for v in wanted.table.variables if v.id not in wanted.shown}
    in_order = _arrangement(wanted.table, [*wanted.shown, *hidden])
    rest = list(product(*hidden.values()))
    for codes in product(*wanted.shown.values()):
        values = [held.get(in_order(codes + other), suppressed) for other in rest]
        yield codes, values[0] if len(values) == 1 else _total(values)


def _arrangement(table: Table, names: Sequence[str]) -> Callable[[Key], Key]:
    """Put codes that come in the order of ``names`` into the order of the table's figures."""
    places = [names.index(variable.id) for variable in table.variables]

    def arrange(codes: Key) -> Key:
        arranged = [codes[place] for place in places]
        arranged[-1] = english_period(arranged[-1])
        return tuple(arranged)

    return arrange


def _eliminated(variable: Variable) -> list[str]:
    """The codes that stand for a variable left out: its total, or all to be summed."""
    total = next((code for code in TOTALS if code in variable.labels), None)
    return [total] if total else list(variable.labels)


def _total(values: Sequence[str]) -> str:
    """The sum of the figures that are available."""
    numbers = [number for value in values if (number := _number(value)) is not None]
    return str(sum(numbers, Decimal(0))) if numbers else UNAVAILABLE


def _is_same(value: str, suppressed: str) -> bool:
    return value == suppressed or (
        _number(value) is not None and _number(value) == _number(suppressed)
    )


def _number(value: str) -> Decimal | None:
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def _written(value: str, language: str) -> str:
    """The figure with the decimal mark of the language; markers for missing stay as they are."""
    is_figure = value[:1] not in ("", ".") and language == "da"
    return value.replace(".", ",") if is_figure else value
