"""Which findings only follow from an earlier one, so that one fault is told once."""

from collections.abc import Iterable

from ingestion.submissions.cells import cell_place
from ingestion.submissions.findings import Finding


def is_explained(later: Finding, earlier: Iterable[Finding]) -> bool:
    """Whether an error that was found before is the reason of a later finding.

    Args:
        later: what was found now.
        earlier: what was found in the same report before.
    """
    return any(_explains(entry, later) for entry in earlier if entry.severity == "error")


def _explains(error: Finding, later: Finding) -> bool:
    """An error of a whole report or sheet explains all in it; any other what stands there."""
    if error.sheet is None:
        return True
    if error.sheet != later.sheet:
        return False
    # Without a cell, something is missed in the sheet: it may stand where the error is.
    if error.cell is None or later.cell is None:
        return True
    if error.code == "header-missing":
        return error.field == later.field
    return _reaches(error, later.cell)


def _reaches(error: Finding, cell: str) -> bool:
    """Whether the row, the merged cells or the cell of an error hold a cell."""
    row, column = cell_place(cell)
    first, _, last = _range(error).replace("$", "").partition(":")
    (top, left), (bottom, right) = cell_place(first), cell_place(last or first)
    if error.layer == "form" and error.code.startswith("row-"):
        return top <= row <= bottom
    return top <= row <= bottom and left <= column <= right


def _range(error: Finding) -> str:
    """A cell, or the range that is merged."""
    is_range = error.code == "cells-merged" and error.found
    return error.found or "" if is_range else error.cell or ""
