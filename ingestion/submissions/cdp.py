"""A CDP export of city-wide emissions as a door for GPC totals; its dialect stands in ``cdp.yml``.

Self-reports to CDP are public and messy: one row per city and accounting year, zeros for missing
figures, areas that are not the municipality. A row is taken in whole or refused with its reasons.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from ingestion.municipality_names import spellings
from ingestion.submissions.archive import RefusedError, shown_name
from ingestion.submissions.cells import (
    CELLS_LIMIT,
    COLUMNS_LIMIT,
    ROWS_LIMIT,
    Cell,
    FileCells,
    Place,
    SheetCells,
    cell_name,
)
from ingestion.submissions.facts import Fact, Reading
from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.identity import Identity
from ingestion.submissions.numerals import read_numeral
from ingestion.submissions.values import CONTROL
from ingestion.submissions.wording import danish_number
from ingestion.text import one_line

# With or without byte order mark. Python loads it when it is first used, and a limited process can
# load nothing.
ENCODING = codecs.lookup("utf-8-sig").name
# 98 municipalities and thirty years of reports.
MOST_REPORTS = 3_000
BLOCK, FIELD = "emissions", "value"
BASIC, BASIC_PLUS = "ghg_gpc_basic", "ghg_gpc_basic_plus"
TOTALS = (BASIC, BASIC_PLUS)
PERIOD = re.compile(r"((?:19|20)[0-9]{2})-([0-9]{2}-[0-9]{2}) - ([0-9]{4})-([0-9]{2}-[0-9]{2})")
WHOLE_YEAR = ("01-01", "12-31")


class Dialect(BaseModel):
    """What an export looks like."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    form_id: str
    version: int
    sheet: str
    countries: frozenset[str]
    public: frozenset[str]
    own_area: tuple[str, ...]
    headers: dict[str, tuple[str, ...]]


@cache
def dialect() -> Dialect:
    """The dialect as declared."""
    path = Path(__file__).parent / "cdp.yml"
    return Dialect.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Record:
    """A row of the export: its fields by name, and where they stand."""

    number: int
    cells: Mapping[int, str]
    columns: Mapping[str, int]

    def text(self, name: str) -> str:
        """A field as one line."""
        return CONTROL.sub("�", one_line(self.cells.get(self.columns[name], "")))

    def place(self, name: str) -> Place:
        """Where a field stands, as a spreadsheet shows it."""
        return Place(dialect().sheet, self.number, self.columns[name])


def read_export(content: bytes) -> FileCells:
    """Read a CSV file from outside as one sheet of texts; what they mean is for ``read_cdp``.

    Args:
        content: the bytes of the file.

    Raises:
        RefusedError: it is not UTF-8, not delimited by commas, wrongly quoted or too large.
    """
    _check_encoding(content)
    first_comma, first_end = content.find(b","), content.find(b"\n")
    if first_comma < 0 or 0 <= first_end < first_comma:
        raise RefusedError("cdp-delimiter")
    cells: dict[tuple[int, int], Cell] = {}
    lines = io.TextIOWrapper(io.BytesIO(content), encoding=ENCODING, newline="")
    try:
        for row, values in enumerate(csv.reader(lines, strict=True), 1):
            if values:
                _take_in(row, values, cells)
    except csv.Error:
        raise RefusedError("csv-unreadable", found=shown_name(dialect().sheet)) from None
    return FileCells((SheetCells(dialect().sheet, cells),), door="cdp")


def _check_encoding(content: bytes) -> None:
    try:
        content.decode(ENCODING)
    except UnicodeDecodeError:
        raise RefusedError("csv-encoding", found=shown_name(dialect().sheet)) from None
    # UTF-16 without its mark is valid UTF-8, with a NUL after every letter.
    if b"\0" in content:
        raise RefusedError("csv-encoding", found=shown_name(dialect().sheet))


def _take_in(row: int, values: Sequence[str], cells: dict[tuple[int, int], Cell]) -> None:
    last = next((column for column in range(len(values), 0, -1) if values[column - 1]), 0)
    if last and (row > ROWS_LIMIT or last > COLUMNS_LIMIT):
        raise RefusedError(
            "sheet-range-too-large",
            Place(dialect().sheet),
            found=cell_name(row, last),
            rows=ROWS_LIMIT,
            columns=COLUMNS_LIMIT,
        )
    for column, value in enumerate(values[:last], 1):
        if value:
            cells[row, column] = Cell("text", value)
    if len(cells) > CELLS_LIMIT:
        raise RefusedError("file-too-much-content")


def read_cdp(
    file: FileCells, municipalities: Mapping[str, str], aliases: Mapping[str, str]
) -> list[Reading]:
    """Read an export.

    Args:
        file: its cells, as ``read_export`` gives them.
        municipalities: Danish name by 4-digit code.
        aliases: code by every known spelling of a name.

    Returns:
        One reading per Danish row, those reported first coming first, so that a later report of
        the same year supersedes an earlier one; other countries' rows are not ours. A single
        reading without identity when the file as a whole cannot be read.
    """
    rows = _rows(file)
    columns, missing = _columns(rows.get(1, {}))
    if missing:
        return [_refused(*missing)]
    names = spellings(municipalities, aliases)
    records = [Record(number, cells, columns) for number, cells in rows.items() if number > 1]
    ours = [record for record in records if record.text("country") in dialect().countries]
    if not ours:
        return [_refused(finding("cdp-no-danish-rows", Place()))]
    if len(ours) > MOST_REPORTS:
        return [_refused(finding("file-too-much-content", Place()))]
    ours.sort(key=lambda record: record.text("reported_in"))
    return list(_readings(ours, names))


def _refused(*findings: Finding) -> Reading:
    return Reading(None, (), findings, (), {})


def _rows(file: FileCells) -> dict[int, dict[int, str]]:
    rows: dict[int, dict[int, str]] = {}
    for sheet in file.sheets:
        for (row, column), cell in sheet.cells.items():
            rows.setdefault(row, {})[column] = str(cell.value)
    return rows


def _columns(header: Mapping[int, str]) -> tuple[dict[str, int], list[Finding]]:
    """The column of each declared field, and those which are missing."""
    stands = {one_line(name).casefold(): number for number, name in header.items()}
    columns: dict[str, int] = {}
    missing = []
    for field, accepted in dialect().headers.items():
        found = [stands[name.casefold()] for name in accepted if name.casefold() in stands]
        if found:
            columns[field] = found[0]
        else:
            place = Place(dialect().sheet)
            missing.append(finding("header-missing", place, field=field, expected=accepted[0]))
    return columns, missing


def _readings(records: Sequence[Record], names: Mapping[str, str]) -> Iterator[Reading]:
    seen: set[tuple[str, ...]] = set()
    for record in records:
        about = tuple(map(record.text, ("reported_in", "organization", "accounting_year")))
        if about in seen:
            place = record.place("organization")
            twice = _refused(finding("row-duplicate", place, found=", ".join(about)))
            yield _for_whom(twice, _municipality(record, names))
        else:
            yield _reading(record, names)
        seen.add(about)


def _for_whom(reading: Reading, code: str | Finding) -> Reading:
    """Whose row it is, when that is known; the rest of it may not be."""
    return replace(reading, municipality_code=code) if isinstance(code, str) else reading


def _reading(record: Record, names: Mapping[str, str]) -> Reading:
    code, year = _municipality(record, names), _year(record)
    return _for_whom(_read(record, code, year), code)


def _read(record: Record, code: str | Finding, year: int | Finding) -> Reading:
    identity = None
    if isinstance(code, str) and isinstance(year, int):
        identity = Identity(dialect().form_id, dialect().version, code, year)
    if not any(record.text(name) for name in TOTALS):
        # A row without totals is no report; what else it lacks does not matter.
        nothing = finding("cdp-totals-missing", record.place(BASIC))
        return Reading(identity, (), (nothing,), (), {})
    faults = [found for found in (code, year) if isinstance(found, Finding)]
    faults += _area_faults(record)
    totals = {name: _total(record, name) for name in TOTALS if record.text(name)}
    faults += [total for total in totals.values() if isinstance(total, Finding)]
    faults += _order_faults(record, totals)
    facts = [
        _fact(record, name, total) for name, total in totals.items() if isinstance(total, float)
    ]
    if facts:
        faults.append(finding("gwp-set-not-stated", record.place(facts[0].row_key)))
    return Reading(identity, tuple(facts), tuple(faults), (), {})


def _municipality(record: Record, names: Mapping[str, str]) -> str | Finding:
    """The code that organization and city agree on; either may be unknown, not both."""
    organization = record.text("organization")
    written = [organization, *organization.split("/"), record.text("city")]
    codes = {names.get(name.strip().casefold()) for name in written} - {None}
    if len(codes) == 1:
        return str(codes.pop())
    found = f"{organization} ({record.text('city')})"
    return finding("cdp-city-unknown", record.place("organization"), found=found)


def _year(record: Record) -> int | Finding:
    written = record.text("accounting_year")
    place = record.place("accounting_year")
    period = PERIOD.fullmatch(written)
    if not period:
        return finding("cdp-accounting-year-missing", place, found=written)
    if period[1] != period[3] or (period[2], period[4]) != WHOLE_YEAR:
        return finding("cdp-accounting-year-not-calendar", place, found=written)
    return int(period[1])


def _area_faults(record: Record) -> Iterator[Finding]:
    if record.text("access") not in dialect().public:
        yield finding("cdp-not-public", record.place("access"), found=record.text("access"))
    boundary = record.text("boundary")
    if _folded(boundary) not in {_folded(area) for area in dialect().own_area}:
        place = record.place("boundary")
        yield finding("cdp-boundary-not-municipal", place, found=boundary or "ikke oplyst")


def _folded(text: str) -> str:
    return text.replace("–", "-").casefold()


def _total(record: Record, name: str) -> float | Finding:
    """A total in tonnes of CO2e; zero stands for missing, for no municipality emits nothing."""
    written = record.text(name)
    read = read_numeral(written)
    place = record.place(name)
    if isinstance(read, str):
        return finding(read, place, field=FIELD, found=written)
    return read or finding("cdp-zero-for-missing", place, field=FIELD, found=written)


def _order_faults(record: Record, totals: Mapping[str, float | Finding]) -> Iterator[Finding]:
    """BASIC+ holds all of BASIC."""
    basic, plus = totals.get(BASIC), totals.get(BASIC_PLUS)
    if isinstance(basic, float) and isinstance(plus, float) and plus < basic:
        yield finding(
            "cdp-basic-plus-below-basic",
            record.place(BASIC_PLUS),
            field=FIELD,
            found=danish_number(plus),
            basic=danish_number(basic),
        )


def _fact(record: Record, name: str, total: float) -> Fact:
    return Fact(
        block=BLOCK,
        row_key=name,
        row=record.number,
        field=FIELD,
        sheet=dialect().sheet,
        cell=cell_name(record.number, record.columns[name]),
        number=total,
    )
