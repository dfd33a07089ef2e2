"""How a change between two publications is told to Danish readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.settings import DBT_PROJECT
from warehouse.causes import SEEDS, SUBMISSION, Exchange, read_register

NOTHING = "intet tal"
PIECES = {"register": "registret", "source": "kilden", "day": "datoen", "code": "programmet"}
STATUSES = {
    "received": "modtaget",
    "rejected": "afvist",
    "accepted": "gældende",
    "superseded": "afløst",
    "withdrawn": "trukket tilbage",
}
STATES = {
    "status": "status",
    "reason_code": "årsag",
    "notation_key": "notationsnøgle",
    "definition_version": "definitionsversion",
    "gwp_set": "GWP-sæt",
    "basis": "grundlag",
}
DANISH = str.maketrans(",.", ".,")


@dataclass(frozen=True)
class Names:
    """What places, indicators, causes and units are called, and the decimals a figure shows."""

    places: Mapping[str, str]
    indicators: Mapping[str, tuple[str, int]]
    causes: Mapping[str, str]
    units: Mapping[str, str]


def names_in(file: Path) -> Names:
    """The names that a publication uses."""
    with duckdb.connect(str(file), read_only=True) as connection:
        places = connection.execute(
            "select municipality_code, name_da from dim_municipality "
            "union all select panel_id, panel_name_da from dim_panel"
        ).fetchall()
        indicators = connection.execute(
            "select indicator_id, name_da, decimals from dim_indicator"
        ).fetchall()
    return Names(
        dict(places),
        {indicator: (told, decimals) for indicator, told, decimals in indicators},
        _words("change_causes", "cause_code", "name_da"),
        _words("units", "unit", "unit_da"),
    )


def _words(register: str, code: str, word: str) -> dict[str, str]:
    """Code → Danish word, as a register has them."""
    read = read_register(DBT_PROJECT / SEEDS / f"{register}.csv")
    key, value = read.columns.index(code), read.columns.index(word)
    return {row[key]: row[value] for row in read.rows}


def piece_told(piece: str, exchange: Exchange) -> str:
    """A piece of the inputs, as ``warehouse.causes`` names it, for Danish readers."""
    kind, _, name = piece.partition(" ")
    if kind == SUBMISSION:
        row = exchange.submission(name)
        told = " ".join(str(row[key]) for key in ("municipality_code", "year") if row[key])
        return f"indberetning {told or row['form_id']} ({name}, {STATUSES[row['status']]})"
    return f"{PIECES[kind]} {name}".rstrip()


def with_texts(changes: pa.Table, names: Names) -> pa.Table:
    """The same rows, each told as a sentence in ``text_da``."""
    texts = [sentence(row, names) for row in changes.to_pylist()]
    return changes.append_column("text_da", pa.array(texts, pa.string()))


def described(row: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A row with what it is a figure of, and of which place, for Danish readers."""
    subject, _decimals = _subject(row, names)
    return {**row, "subject_da": subject, "place_da": _place(row, names)}


def _subject(row: Mapping[str, Any], names: Names) -> tuple[str, int]:
    """What a figure is of, and how many decimals it shows."""
    return names.indicators.get(row["indicator_id"], (_own_subject(row), 1))


def _place(row: Mapping[str, Any], names: Names) -> str:
    return names.places.get(row["municipality_code"] or row["panel_id"] or "", "")


def sentence(row: Mapping[str, Any], names: Names) -> str:
    """One change as a sentence.

    ``København, Biler pr. 1.000 indbyggere 2024: 250,1 → 251,0 køretøjer pr. 1.000
    indbyggere (+0,9). Indberetning.``
    """
    subject, decimals = _subject(row, names)
    told = ", ".join(filter(None, (_place(row, names), subject)))
    year = f" {row['year']}" if row["year"] else ""
    return f"{told}{year}: {_moved(row, decimals, names)}. {names.causes[row['cause_code']]}."


def _own_subject(row: Mapping[str, Any]) -> str:
    """What names a value beside place and year, such as a GPC reference and its boundary."""
    parts = _parts(row["row_key"])
    return " ".join(
        value for name, value in parts.items() if name not in ("municipality_code", "year")
    )


def _parts(text: str | None) -> dict[str, str]:
    pairs = (part.partition("=") for part in (text or "").split(";") if part)
    return {name: value for name, _, value in pairs}


def _state_moved(row: Mapping[str, Any]) -> str:
    before, after = _parts(row["state_before"]), _parts(row["state_after"])
    return ", ".join(
        f"{STATES.get(name, name)} {before.get(name, '–')} → {after.get(name, '–')}"
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    )


def _moved(row: Mapping[str, Any], decimals: int, names: Names) -> str:
    before, after = row["value_before"], row["value_after"]
    unit = f" {names.units.get(row['unit'], row['unit'])}" if row["unit"] else ""
    if before == after:
        figure = NOTHING if after is None else number(after, decimals) + unit
        return f"{figure} som før, men {_state_moved(row)}"
    shown = _enough(before, after, decimals)
    told = [NOTHING if value is None else number(value, shown) for value in (before, after)]
    if before is None or after is None:
        return f"{' → '.join(told)}{unit}"
    return f"{' → '.join(told)}{unit} ({number(after - before, shown, sign='+')})"


def _enough(before: float | None, after: float | None, decimals: int) -> int:
    """So many decimals that a change is seen."""
    if before is None or after is None:
        return decimals
    wanted = (n for n in range(decimals, 13) if f"{before:.{n}f}" != f"{after:.{n}f}")
    return next(wanted, decimals)


def number(value: float, decimals: int, sign: str = "") -> str:
    """A number as Danish readers write it: ``1.234,5``."""
    return f"{value:{sign},.{decimals}f}".translate(DANISH)
