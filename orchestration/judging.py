"""Files that were handed in, judged: opened in limited processes, read against the form, and held
against what was accepted before and what public statistics say. Nothing is kept here.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ingestion.submissions.cdp import read_cdp
from ingestion.submissions.cells import FileCells, Place
from ingestion.submissions.facts import Fact, Reading
from ingestion.submissions.findings import Finding, finding, is_acceptable, told
from ingestion.submissions.form import Form, build_form
from ingestion.submissions.form_checks import stated_form
from ingestion.submissions.reading import read_submission
from ingestion.submissions.sandbox import Sandbox
from orchestration.arrivals import Arrival
from orchestration.registers import catalogue
from orchestration.settings import Settings
from warehouse import submissions as store
from warehouse.public_values import public_values
from warehouse.submission_cells import read_cells
from warehouse.submissions import Submission

if TYPE_CHECKING:
    from expectations.submission_batch import References

LOG = logging.getLogger(__name__)
REPORT, REGISTER_WORKBOOK = "report", "registers"
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

    @property
    def year(self) -> int:
        """The year it is for; 0 when nobody knows."""
        return self.reading.identity.year if self.reading.identity else 0


@cache
def form(form_id: str) -> Form:
    """A form as it is asked for now."""
    return build_form(form_id, catalogue())


def municipality_of(judged: Judged) -> str | None:
    """Whose report it is, as far as that is known; the registers are nobody's."""
    reading = judged.reading
    code = reading.identity.municipality_code if reading.identity else reading.municipality_code
    return code if code in catalogue().municipalities else None


def read(settings: Settings, arrivals: Sequence[Arrival], sandbox: Sandbox) -> list[Judged]:
    """Open files and read them against the form; a fault of ours with one concerns that one only.

    Args:
        settings: the clock.
        arrivals: the files.
        sandbox: where they are opened.
    """
    opened = sandbox.read_all([(a.file_name, a.content) for a in arrivals])
    judged: list[Judged] = []
    for arrival, cells in zip(arrivals, opened, strict=True):
        judged += _guarded(settings, arrival, cells)
    return judged


def _guarded(
    settings: Settings, arrival: Arrival, opened: FileCells | tuple[Finding, ...]
) -> list[Judged]:
    """Whatever breaks while one file is read refuses that file; the log has the whole fault."""
    if isinstance(opened, tuple):
        return [Judged(arrival, arrival.door, replace(NOTHING_READ, findings=opened))]
    try:
        return list(_read_cells(settings, arrival, opened))
    except Exception as error:
        LOG.error("a file that was handed in could not be read", exc_info=error)
        fault = finding("unexpected-fault", Place())
        return [Judged(arrival, arrival.door, replace(NOTHING_READ, findings=(fault,)))]


def _read_cells(settings: Settings, arrival: Arrival, opened: FileCells) -> Iterator[Judged]:
    municipalities, this_year = catalogue().municipalities, settings.today().year
    if opened.door == "cdp":
        readings = read_cdp(opened, municipalities, catalogue().aliases)
        yield from (Judged(arrival, "cdp", reading, n) for n, reading in enumerate(readings))
        return
    is_registers = stated_form(opened) == REGISTER_WORKBOOK
    wanted = form(REGISTER_WORKBOOK if is_registers else REPORT)
    reading = read_submission(opened, wanted, municipalities, this_year)
    findings = (*_carried(opened), *reading.findings)
    yield Judged(arrival, opened.door, replace(reading, findings=findings))


def _carried(opened: FileCells) -> Iterator[Finding]:
    """What the file carries that is never run or fetched."""
    if opened.has_macros:
        yield finding("macros-present", Place())
    if opened.has_external_links:
        yield finding("external-links-present", Place())


def hold_against(
    settings: Settings, judged: list[Judged], before: Sequence[Judged] = ()
) -> list[Judged]:
    """All checks against what is in force; then acceptable ones against one another.

    Args:
        settings: state root and clock.
        judged: reports that are all examples, or all real.
        before: acceptable reports of earlier years that are not in the store.

    Raises:
        GateBrokenError: a check could not be judged; nothing may be accepted.
    """
    from expectations.submission_gate import judge_submissions

    if not any(entry.reading.identity for entry in judged):
        return judged
    forms = [form(REPORT), form(REGISTER_WORKBOOK)]
    references = _references(settings, judged, before)
    readings = [entry.reading for entry in judged]
    judged = _with(judged, judge_submissions(readings, forms, references))
    good = [entry for entry in judged if entry.is_acceptable]
    if len({entry.reading.identity for entry in good}) < FEWEST_PEERS:
        return judged
    peers = [row for n, entry in enumerate(good) for row in _cells(entry, case_number=n)]
    found = judge_submissions(
        [entry.reading for entry in good], forms, replace(references, peers=peers), layers=PEERS
    )
    again = dict(zip(map(id, good), _with(good, found), strict=True))
    return [again.get(id(entry), entry) for entry in judged]


def _references(
    settings: Settings, judged: Sequence[Judged], before: Sequence[Judged]
) -> "References":
    """What is in force; a real report is never held against an invented one."""
    from expectations.submission_batch import References

    of_examples = judged[0].arrival.is_example
    in_force = [
        standing.submission
        for standing in store.standings(settings.layout)
        if standing.status == "accepted" and standing.submission.is_example == of_examples
    ]
    accepted = read_cells(settings.layout, _relevant(in_force, judged))
    return References(
        today=settings.today(),
        shares=catalogue().shares,
        accepted=[*accepted, *(row for entry in before for row in _cells(entry))],
        public=public_values(settings.layout),
        gwps=catalogue().gwps,
        method_numbers=catalogue().method_numbers(settings.today()),
    )


def _relevant(in_force: Iterable[Submission], judged: Sequence[Judged]) -> list[Submission]:
    """A municipality's own earlier reports, and everybody's of the same years."""
    codes = {municipality_of(entry) for entry in judged}
    years = {entry.year for entry in judged}
    return [s for s in in_force if s.municipality_code in codes or s.year in years]


def _with(judged: Sequence[Judged], found: Sequence[Sequence[Finding]]) -> list[Judged]:
    return [
        replace(entry, reading=replace(entry.reading, findings=_joined(entry.reading, new)))
        for entry, new in zip(judged, found, strict=True)
    ]


def _joined(reading: Reading, new: Sequence[Finding]) -> tuple[Finding, ...]:
    return told(list(dict.fromkeys([*reading.findings, *new])))


def _cells(judged: Judged, **more: object) -> list[Mapping[str, Any]]:
    """A report's facts as if they were in the store."""
    identity = judged.reading.identity
    if identity is None:
        return []
    about = {
        "form_id": identity.form_id,
        "municipality_code": identity.municipality_code,
        "year": identity.year,
        **more,
    }
    return [{**about, **value_row(fact)} for fact in judged.reading.facts]


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
