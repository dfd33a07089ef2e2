"""Random histories of submissions: reports, corrections, withdrawals, two forms, examples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from hypothesis import strategies as st

from ingestion.geography import MUNICIPALITY_CODES
from tests.orchestration.reported import KEYS, SHEETS
from warehouse import submissions as store
from warehouse.layout import Layout
from warehouse.submission_cells import CELLS
from warehouse.submissions import Submission

AT = "2026-03-01T10:00:05+00:00"
TERRITORIAL = "ghg_territorial"
SECTORS = tuple(f"{TERRITORIAL}_{name}" for name in ("stationary_energy", "transport", "waste"))
ACCOUNT, OWN = "ghg_danish_account", "ghg_own_operations"
ELECTRIC, HYDROGEN, BUSES = "buses_electric", "buses_hydrogen", "buses_total"
BLOCKS = {
    "emissions": (TERRITORIAL, *SECTORS, ACCOUNT, OWN),
    "key_figures": (ELECTRIC, HYDROGEN, BUSES),
}
NOWHERE = "Et andet sted."
# Three histories of one municipality never meet in a year, though in its series they follow.
SLOTS = ((2021, 2022), (2023, 2024), (2025, 2025))


@dataclass(frozen=True)
class Answer:
    """What one row says: a number, or a key with words; blank rows are left out."""

    number: float | None = None
    key: str | None = None
    told: str | None = None


@dataclass(frozen=True)
class Handed:
    """A report that is accepted; ``later`` is which of the slot's two years it is for."""

    form: str
    later: bool
    is_example: bool
    gwp: str
    answers: dict[str, Answer]


@dataclass(frozen=True)
class Taken:
    """One of the reports so far is withdrawn."""

    which: int


History = Sequence[Handed | Taken]


@dataclass(frozen=True)
class Filed:
    """A report with its place in the ledger."""

    id: str
    municipality: str
    year: int
    handed: Handed


@cache
def _answer(row: str) -> st.SearchStrategy[Answer | None]:
    named = [key for rows in BLOCKS.values() if row in rows for key in rows]
    told = st.sampled_from([*(f"Indgår i {key}." for key in named), NOWHERE])
    lowest = 0 if row.startswith("buses") else -300
    numbers = st.integers(lowest, 900).map(lambda n: Answer(float(n)))
    keyed = st.builds(Answer, st.none(), st.sampled_from([*KEYS, "IE"]), told)
    return st.one_of(numbers, numbers, numbers, keyed, keyed, st.just(Answer(0.0)), st.none())


@st.composite
def _handed(draw: st.DrawFn) -> Handed:
    rows = [row for rows in BLOCKS.values() for row in rows]
    answers = {row: answer for row in rows if (answer := draw(_answer(row))) is not None}
    return Handed(
        draw(st.sampled_from(["report", "report", "cdp"])),
        draw(st.booleans()),
        draw(st.sampled_from([False, False, True])),
        draw(st.sampled_from(["AR4", "AR5", "AR5"])),
        answers,
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    """One to five events; only what was handed in before can be withdrawn."""
    events: list[Handed | Taken] = [draw(_handed())]
    for _number in range(draw(st.integers(0, 4))):
        known = sum(isinstance(event, Handed) for event in events)
        withdrawn = {event.which for event in events if isinstance(event, Taken)}
        left = sorted(set(range(known)) - withdrawn)
        if left and draw(st.integers(0, 3)) == 0:
            events.append(Taken(draw(st.sampled_from(left))))
        else:
            events.append(draw(_handed()))
    return events


def file(layout: Layout, drawn: Sequence[History]) -> tuple[list[Filed], set[str]]:
    """Write histories into the ledger, each with years of its own.

    Returns:
        Every report in the order of its decision, and the ids of those withdrawn.
    """
    filed: list[Filed] = []
    withdrawn: set[str] = set()
    for number, history in enumerate(drawn):
        slot, place = divmod(number, len(MUNICIPALITY_CODES))
        mine: list[Filed] = []
        for event in history:
            if isinstance(event, Taken):
                store.withdraw(layout, mine[event.which].id, AT, "Taget tilbage.")
                withdrawn.add(mine[event.which].id)
            else:
                year = SLOTS[slot][event.later]
                made = Filed(f"h{len(filed):04}", MUNICIPALITY_CODES[place], year, event)
                store.record(layout, _submission(made), list(cells(made)), [], {})
                mine.append(made)
                filed.append(made)
    return filed, withdrawn


def _submission(made: Filed) -> Submission:
    return Submission(
        submission_id=made.id,
        file_sha256=made.id,
        door="workbook",
        received_at=AT,
        is_example=made.handed.is_example,
        verdict="accepted",
        decided_at=AT,
        form_id=made.handed.form,
        form_version=1,
        municipality_code=made.municipality,
        year=made.year,
    )


def ref(made: Filed, row: str) -> str:
    """How a published row names the cell of a figure."""
    block = next(block for block, rows in BLOCKS.items() if row in rows)
    return f"municipal_submissions@{made.id}#{SHEETS[block]}!E{BLOCKS[block].index(row)}"


def cells(made: Filed) -> Iterator[dict[str, object]]:
    """The understood cells of a report."""
    for block, rows in BLOCKS.items():
        for number, row in enumerate(rows):
            answer = made.handed.answers.get(row)
            if answer is None:
                continue
            found: dict[str, object] = {"value_number": answer.number, "notation_key": answer.key}
            yield _cell(made, block, row, number, "value", "E", found)
            if answer.key:
                yield _cell(
                    made, block, row, number, "explanation", "F", {"value_text": answer.told}
                )
            if block == "emissions":
                yield _cell(
                    made, block, row, number, "gwp_set", "G", {"value_text": made.handed.gwp}
                )


def _cell(
    made: Filed,
    block: str,
    row: str,
    number: int,
    field: str,
    column: str,
    found: dict[str, object],
) -> dict[str, object]:
    return {
        **dict.fromkeys(CELLS.names),
        "submission_id": made.id,
        "form_id": made.handed.form,
        "municipality_code": made.municipality,
        "year": made.year,
        "block": block,
        "row_key": row,
        "row_number": number,
        "field": field,
        "sheet": SHEETS[block],
        "cell": f"{column}{number}",
        "file_sha256": made.id,
        "recorded_at": datetime.fromisoformat(AT).replace(tzinfo=None),
        "is_example": made.handed.is_example,
        **found,
    }
