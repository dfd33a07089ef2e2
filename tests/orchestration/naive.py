"""What histories of submissions must end in, by the definitions alone, cell by cell in Python."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.orchestration.histories import (
    ACCOUNT,
    BLOCKS,
    BUSES,
    ELECTRIC,
    HYDROGEN,
    OWN,
    SECTORS,
    TERRITORIAL,
    Answer,
    Filed,
)

SHARE = "bus_zero_emission_share"
BOUNDARIES = ((TERRITORIAL, *SECTORS), (ACCOUNT,), (OWN,), BLOCKS["key_figures"])
# Notation key and completeness of what each word stands for.
WORDS = {
    "NO": ("submitted_nil", True),
    "NE": ("submitted_unavailable", False),
    "C": ("submitted_confidential", False),
    "IE": ("submitted_included_elsewhere", True),
}
Key = tuple[str, str, int]
Words = tuple[str, str, bool]


@dataclass(frozen=True)
class Cell:
    """A published cell: a number, or a key with the code of its reason."""

    value: float | None
    key: str | None
    reason: str | None
    is_complete: bool
    is_example: bool
    gwp: str | None = None


def in_force(filed: Sequence[Filed], withdrawn: set[str]) -> list[Filed]:
    """The last of each chain that is not withdrawn; an example only where nothing is real."""
    chains: dict[tuple[object, ...], Filed] = {}
    for made in filed:
        if made.id not in withdrawn:
            h = made.handed
            chains[made.municipality, made.year, h.form, h.is_example] = made
    real = {(m.municipality, m.year) for m in chains.values() if not m.handed.is_example}
    return [
        m
        for m in chains.values()
        if not m.handed.is_example or (m.municipality, m.year) not in real
    ]


def superseded(filed: Sequence[Filed], withdrawn: set[str], made: Filed) -> Filed | None:
    """The report that one takes the place of."""
    earlier = [
        other
        for other in filed[: filed.index(made)]
        if other.id not in withdrawn
        and (other.municipality, other.year) == (made.municipality, made.year)
        and (other.handed.form, other.handed.is_example)
        == (made.handed.form, made.handed.is_example)
    ]
    return earlier[-1] if earlier else None


def chosen(reports: Iterable[Filed]) -> dict[Key, tuple[Filed, Answer]]:
    """Each boundary from one report whole: the real before the example, ours before CDP."""
    found: dict[Key, tuple[Filed, Answer]] = {}
    ordered = sorted(reports, key=lambda m: (m.handed.is_example, m.handed.form == "cdp", m.id))
    taken = set()
    for made in ordered:
        for rows in BOUNDARIES:
            given = {row: made.handed.answers[row] for row in rows if row in made.handed.answers}
            place = (made.municipality, made.year, rows)
            if given and place not in taken:
                taken.add(place)
                for row, answer in given.items():
                    found[made.municipality, row, made.year] = (made, answer)
    return found


def words(figures: Mapping[Key, tuple[Filed, Answer]], key: Key) -> Words:
    """Reason, notation key and completeness of a figure that is no number."""
    made, answer = figures[key]
    assert answer.key
    if answer.key != "IE":
        reason, is_complete = WORDS[answer.key]
        return reason, answer.key, is_complete
    code, _row, year = key
    seen = {key}
    here = key
    while True:
        row = (figures[here][1].told or "").removeprefix("Indgår i ").removesuffix(".")
        target = (code, row, year)
        if target not in figures or figures[target][0] is not made:
            word = "numberless" if here != key else "nowhere"
            break
        if figures[target][1].number is not None:
            word = "" if here == key else "numberless"
            break
        if target == key:
            word = "circular"
            break
        if figures[target][1].key != "IE" or target in seen:
            word = "numberless"
            break
        seen.add(target)
        here = target
    return (f"submitted_elsewhere_{word}", "IE", False) if word else (*_pair("IE"), True)


def given(figures: Mapping[Key, tuple[Filed, Answer]], key: Key) -> Cell:
    """An indicator that is reported as it is."""
    made, answer = figures[key]
    gwp, is_example = made.handed.gwp, made.handed.is_example
    if answer.number is not None:
        return Cell(answer.number, None, None, True, is_example, gwp)
    reason, notation, is_complete = words(figures, key)
    return Cell(None, notation, reason, is_complete, is_example, gwp)


def guarded(cells: dict[str, Cell]) -> dict[str, Cell]:
    """A boundary: what is not estimated makes its total a lower bound; one confidential sector
    takes the least figure that would tell it along.
    """
    told = dict(cells)
    sectors = {row: cell for row, cell in cells.items() if row != TERRITORIAL}
    total = cells.get(TERRITORIAL)
    open_ended = any(not c.is_complete and c.key != "C" for c in sectors.values())
    if total and total.value is not None and open_ended:
        told[TERRITORIAL] = replace(total, is_complete=False)
    secret = [row for row, cell in sectors.items() if cell.key == "C"]
    if total and total.value is not None and len(secret) == 1:
        numbers = [
            (cell.value == 0, row == TERRITORIAL, abs(cell.value), row)
            for row, cell in cells.items()
            if cell.value is not None
        ]
        least = min(numbers)[-1]
        told[least] = replace(
            told[least], value=None, key="C", reason="submitted_withheld", is_complete=False
        )
    return told


def share(figures: Mapping[Key, tuple[Filed, Answer]], code: str, year: int) -> Cell | None:
    """Zero-emission buses over all buses, %; a blank is no zero."""
    keys = {row: (code, row, year) for row in (ELECTRIC, HYDROGEN, BUSES)}
    known = {row: figures[key] for row, key in keys.items() if key in figures}
    above = [known[row][1] for row in (ELECTRIC, HYDROGEN) if row in known]
    if not above:
        return None
    is_example = any(made.handed.is_example for made, _answer in known.values())
    below = known[BUSES][1] if BUSES in known else None
    told = {words(figures, keys[row]) for row, (_made, a) in known.items() if a.key}
    found = _unknown(told) or _without_ratio(above, below)
    if found:
        return Cell(None, found[1], found[0], found[2], is_example)
    assert below is not None
    assert below.number
    counted = sum(answer.number or 0 for answer in above)
    return Cell(100 * counted / below.number, None, None, True, is_example)


def _unknown(told: set[Words]) -> Words | None:
    """Confidential before not estimated, and both before what leads to no number."""
    for key in ("C", "NE"):
        if any(word[1] == key for word in told):
            return (*_pair(key), False)
    return max((w for w in told if w[0].startswith("submitted_elsewhere_")), default=None)


def _without_ratio(above: Sequence[Answer], below: Answer | None) -> Words | None:
    """Why figures that are all known make no ratio."""
    cases: list[tuple[bool, Words]] = [
        (len(above) < 2, ("numerator_incomplete", "NE", False)),
        (_all_elsewhere(above), (*_pair("IE"), True)),
        (below is None, ("denominator_missing", "NE", False)),
        (below is not None and below.key == "IE", (*_pair("IE"), True)),
        (below is not None and below.key == "NO", (*_pair("NO"), True)),
        (below is not None and below.number == 0, ("denominator_zero", "NE", False)),
    ]
    return next((word for holds, word in cases if holds), None)


def _pair(key: str) -> tuple[str, str]:
    return WORDS[key][0], key


def _all_elsewhere(above: Sequence[Answer]) -> bool:
    return {a.key for a in above} <= {"IE", "NO"} and any(a.key == "IE" for a in above)


def expected(figures: Mapping[Key, tuple[Filed, Answer]]) -> dict[Key, Cell]:
    """Every submitted cell that must be published."""
    cells: dict[Key, Cell] = {}
    for code, year in sorted({(code, year) for code, _row, year in figures}):
        for rows in BOUNDARIES[:-1]:
            mine = {
                row: given(figures, (code, row, year))
                for row in rows
                if (code, row, year) in figures
            }
            for row, cell in guarded(mine).items() if rows[0] == TERRITORIAL else mine.items():
                cells[code, row, year] = cell
        buses = share(figures, code, year)
        if buses:
            cells[code, SHARE, year] = buses
    return cells


def change(cells: Mapping[Key, Cell], key: Key) -> tuple[int | None, float | None, str]:
    """Year before with a number, change since, and whether the two may be compared."""
    code, row, year = key
    earlier = [
        (y, cell)
        for (c, r, y), cell in cells.items()
        if (c, r) == (code, row) and y < year and cell.value is not None
    ]
    if not earlier:
        return None, None, "no_earlier_value"
    before, other = max(earlier, key=lambda pair: pair[0])
    cell = cells[key]
    assert cell.value is not None
    assert other.value is not None
    barriers = {
        "gwp_set_changed": cell.gwp != other.gwp,
        "lower_bound": not (cell.is_complete and other.is_complete),
        "example_mixed": cell.is_example != other.is_example,
    }
    for word, holds in barriers.items():
        if holds:
            return before, None, word
    cautions = {
        "reference_not_positive": other.value <= 0,
        "gap_in_years": year - before > 1,
        "example": cell.is_example,
        "comparable": True,
    }
    word = next(word for word, holds in cautions.items() if holds)
    return before, cell.value - other.value, word
