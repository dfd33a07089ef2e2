"""Files that were handed in, judged: opened in limited processes, read against the form, and held
against what was accepted before and what public statistics say. Nothing is kept here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ingestion.submissions.archive import RefusedError, check_size
from ingestion.submissions.catalogue import Catalogue, read_catalogue
from ingestion.submissions.cdp import read_cdp
from ingestion.submissions.cells import FileCells, Place
from ingestion.submissions.facts import Fact, Reading
from ingestion.submissions.findings import Finding, finding, is_acceptable
from ingestion.submissions.form import Form, build_form
from ingestion.submissions.form_checks import stated_form
from ingestion.submissions.reading import read_submission
from ingestion.submissions.sandbox import Sandbox
from orchestration.arrivals import Arrival
from orchestration.settings import DBT_PROJECT, Settings
from warehouse import submissions as store
from warehouse.public_values import public_values
from warehouse.submission_cells import read_cells

if TYPE_CHECKING:
    from expectations.submission_batch import References

REPORT, REGISTER_WORKBOOK = "report", "registers"
REGISTERS = DBT_PROJECT / "seeds"
PEERS = frozenset({"across_municipalities"})
FEWEST_PEERS = 2
NOTHING_READ = Reading(None, (), (), (), {})


@dataclass(frozen=True)
class Judged:
    """One report with everything that was found in it; a CDP export holds several."""

    arrival: Arrival
    door: str
    reading: Reading
    number: int = 0

    @property
    def is_acceptable(self) -> bool:
        """Whether it may be accepted."""
        return self.reading.identity is not None and is_acceptable(self.reading.findings)


@cache
def catalogue() -> Catalogue:
    """The registers."""
    return read_catalogue(REGISTERS)


@cache
def form(form_id: str) -> Form:
    """A form as it is asked for now."""
    return build_form(form_id, catalogue())


def judge(settings: Settings, arrivals: Sequence[Arrival], sandbox: Sandbox) -> list[Judged]:
    """Judge files, in the order given; one bad file changes nothing for the others.

    Args:
        settings: state root and clock.
        arrivals: the files.
        sandbox: where they are opened.

    Raises:
        GateBrokenError: a check could not be judged; nothing may be accepted.
    """
    return hold_against(settings, read(settings, arrivals, sandbox))


def read(settings: Settings, arrivals: Sequence[Arrival], sandbox: Sandbox) -> list[Judged]:
    """Open files and read them against the form: file, form, cell and row by row."""
    workbooks = [arrival for arrival in arrivals if arrival.extension != "csv"]
    opened = iter(sandbox.read_all([(a.file_name, a.content) for a in workbooks]))
    judged: list[Judged] = []
    for arrival in arrivals:
        if arrival.extension == "csv":
            judged += _read_cdp(arrival)
        else:
            judged.append(_read_workbook(settings, arrival, next(opened)))
    return judged


def _read_workbook(
    settings: Settings, arrival: Arrival, opened: FileCells | tuple[Finding, ...]
) -> Judged:
    if isinstance(opened, tuple):
        return Judged(arrival, "workbook", replace(NOTHING_READ, findings=opened))
    is_registers = stated_form(opened) == REGISTER_WORKBOOK
    wanted = form(REGISTER_WORKBOOK if is_registers else REPORT)
    municipalities, this_year = catalogue().municipalities, settings.now().year
    reading = read_submission(opened, wanted, municipalities, this_year)
    findings = (*_carried(opened), *reading.findings)
    return Judged(arrival, opened.door, replace(reading, findings=findings))


def _carried(opened: FileCells) -> Iterator[Finding]:
    """What the file carries that is never run or fetched."""
    if opened.has_macros:
        yield finding("macros-present", Place())
    if opened.has_external_links:
        yield finding("external-links-present", Place())


def _read_cdp(arrival: Arrival) -> list[Judged]:
    try:
        check_size(arrival.content)
    except RefusedError as refused:
        return [Judged(arrival, "cdp", replace(NOTHING_READ, findings=(refused.finding(),)))]
    known = catalogue()
    readings = read_cdp(arrival.content, known.municipalities, known.aliases)
    return [Judged(arrival, "cdp", reading, number) for number, reading in enumerate(readings)]


def hold_against(settings: Settings, judged: list[Judged]) -> list[Judged]:
    """All checks against what is in force; then acceptable ones against one another.

    Args:
        settings: state root and clock.
        judged: reports that are all examples, or all real.
    """
    from expectations.submission_gate import judge_submissions

    if not any(entry.reading.identity for entry in judged):
        return judged
    forms = [form(REPORT), form(REGISTER_WORKBOOK)]
    references = _references(settings, of_examples=judged[0].arrival.is_example)
    readings = [entry.reading for entry in judged]
    judged = _with(judged, judge_submissions(readings, forms, references))
    good = [entry for entry in judged if entry.is_acceptable]
    if len({entry.reading.identity for entry in good}) < FEWEST_PEERS:
        return judged
    peers = [row for n, entry in enumerate(good) for row in _peer_rows(n, entry.reading)]
    found = judge_submissions(
        [entry.reading for entry in good], forms, replace(references, peers=peers), layers=PEERS
    )
    again = dict(zip(map(id, good), _with(good, found), strict=True))
    return [again.get(id(entry), entry) for entry in judged]


def _references(settings: Settings, *, of_examples: bool) -> "References":
    """What is in force; a real report is never held against an invented one."""
    from expectations.submission_batch import References

    in_force = [
        standing.submission
        for standing in store.standings(settings.layout)
        if standing.status == "accepted" and standing.submission.is_example == of_examples
    ]
    return References(
        today=settings.now().date(),
        shares=catalogue().shares,
        accepted=read_cells(settings.layout, in_force),
        public=public_values(settings.layout),
    )


def _with(judged: Sequence[Judged], found: Sequence[Sequence[Finding]]) -> list[Judged]:
    return [
        replace(entry, reading=replace(entry.reading, findings=_joined(entry.reading, new)))
        for entry, new in zip(judged, found, strict=True)
    ]


def _joined(reading: Reading, new: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys([*reading.findings, *new]))


def _peer_rows(number: int, reading: Reading) -> list[Mapping[str, Any]]:
    identity = reading.identity
    if identity is None:
        return []
    about = {
        "case_number": number,
        "form_id": identity.form_id,
        "municipality_code": identity.municipality_code,
        "year": identity.year,
    }
    return [{**about, **value_row(fact)} for fact in reading.facts]


def value_row(fact: Fact) -> dict[str, Any]:
    """A fact in the columns of the store."""
    return {
        "block": fact.block,
        "row_key": fact.row_key,
        "row_number": fact.row,
        "field": fact.field,
        "sheet": fact.sheet,
        "cell": fact.cell,
        "value_text": fact.text,
        "value_number": fact.number,
        "value_date": fact.date,
        "notation_key": fact.notation_key,
    }
