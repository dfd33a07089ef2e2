"""StatBank's tables as the snapshot holds them: description in two languages, figures once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ingestion.snapshot import statbank_messages as messages
from ingestion.snapshot.storage import read_json, read_text

Key = tuple[str, ...]


@dataclass(frozen=True)
class Variable:
    """One dimension; ``labels`` maps its codes to texts, in the table's order."""

    id: str
    is_eliminable: bool
    is_time: bool
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """One table in one language; ``info`` is its ``tableinfo``."""

    id: str
    info: Mapping[str, Any]
    variables: tuple[Variable, ...]

    @property
    def suppressed_value(self) -> str:
        """What a combination without a row stands for."""
        return str(self.info["suppressedDataValue"])


def load_table(table: object, language: str) -> Table:
    """The table in ``da`` or ``en``.

    Raises:
        StatBankError: no table is named, or none of that name is held.
    """
    if not isinstance(table, str) or not table:
        raise messages.table_missing()
    name = table.upper()
    if name not in {held["id"] for held in read_json(f"statbank/tables.{language}.json")}:
        raise messages.table_not_found(table)
    info = read_json(f"statbank/{name}/tableinfo.{language}.json")
    return Table(name, info, tuple(_variable(given) for given in info["variables"]))


def _variable(given: Mapping[str, Any]) -> Variable:
    labels = {value["id"]: value["text"] for value in given["values"]}
    return Variable(given["id"], given["elimination"], given["time"], labels)


@cache
def read_cells(table: str) -> Mapping[Key, str]:
    """The table's figures by English codes, in the order of its variables."""
    lines = read_text(f"statbank/{table}/data.csv").splitlines()[1:]
    fields = (line.split(";") for line in lines)
    return {tuple(codes): value for *codes, value in fields}


def english_period(code: str) -> str:
    """Danish quarters are ``2022K1``, English ones ``2022Q1``; other periods are spelled alike."""
    return code.replace("K", "Q")
