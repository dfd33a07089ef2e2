"""A submitted file as plain data: sheets of cells, whatever door it came through.

This is all that leaves the limited process which opens untrusted files, so it is made of nothing
but text, numbers and tuples.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "boolean", "date", "error", "formula"]
REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
# What a sheet may use; no form comes near it.
ROWS_LIMIT, COLUMNS_LIMIT, MERGED_LIMIT = 200_000, 500, 1_000
CELLS_LIMIT = 400_000
# Excel stops at 31, others do not.
SHEET_NAME_LIMIT = 100


@dataclass(frozen=True)
class Cell:
    """One cell that is not empty.

    ``value`` is text, a float, a bool, an ISO date (``2026-11-24`` or ``2026-11-24T08:30:00``), or
    an error word such as ``#DIV/0!``; a ``formula`` has no stored value. ``number_format`` is the
    format code where it changes what a person sees: per cent, or scaled by thousands.
    """

    kind: Kind
    value: str | float | bool | None
    number_format: str | None = None


@dataclass(frozen=True)
class SheetCells:
    """One sheet: its cells by (row, column), both counted from 1, and what a person may not see.

    ``name`` is as ``sheet_name`` gives it.
    """

    name: str
    cells: Mapping[tuple[int, int], Cell]
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[str, ...] = ()
    """Merged ranges, such as ``B4:C4``; what lies outside the limits of a sheet is left out."""
    disagreements: tuple[str, ...] = ()
    """Cells that two readers read differently."""

    def at(self, row: int, column: int) -> Cell | None:
        """The cell at a place; None when it is empty."""
        return self.cells.get((row, column))


@dataclass(frozen=True)
class FileCells:
    """One file: its sheets in order, and what it carries that is never run or fetched."""

    sheets: tuple[SheetCells, ...]
    door: Literal["workbook", "csv_bundle", "cdp"] = "workbook"
    has_macros: bool = False
    has_external_links: bool = False

    def sheet(self, name: str) -> SheetCells | None:
        """A sheet by its exact name."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


@dataclass(frozen=True)
class Place:
    """Where something stands in a file; a file as a whole has neither sheet nor cell."""

    sheet: str | None = None
    row: int | None = None
    column: int | None = None

    @property
    def cell(self) -> str | None:
        """Such as ``E7``; None for a whole sheet or file."""
        if self.row is None or self.column is None:
            return None
        return cell_name(self.row, self.column)


def sheet_name(written: str) -> str:
    """A sheet's name as it is known from here on: letters composed, no space around, not endless.

    Two sheets of a file may come to the same name.
    """
    return unicodedata.normalize("NFC", written).strip()[:SHEET_NAME_LIMIT].strip()


def column_letters(column: int) -> str:
    """``1`` → ``A``, ``27`` → ``AA``.

    Raises:
        ValueError: there is no such column.
    """
    if column < 1:
        raise ValueError(f"{column} is not the number of a column: they are counted from 1")
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """``(7, 5)`` → ``E7``."""
    return f"{column_letters(column)}{row}"


def cell_place(name: str) -> tuple[int, int]:
    """``E7`` → ``(7, 5)``.

    Raises:
        ValueError: not the name of a cell.
    """
    found = REFERENCE.fullmatch(name)
    if not found:
        raise ValueError(f"{name!r} is not the name of a cell, such as E7")
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(found[2]), column
