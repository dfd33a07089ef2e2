"""Each check of a submission seen to fail: one fault, one finding, at its cell and nowhere else."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from expectations.submission_gate import judge_submissions
from ingestion.submissions.cdp import dialect, read_cdp, read_export
from ingestion.submissions.cells import Cell, cell_name
from ingestion.submissions.facts import Reading
from ingestion.submissions.findings import Finding, codes
from tests.expectations.faults import FAULTS, Fault, Place
from tests.expectations.reports import NOW, FullReport, forms, references
from tests.ingestion.submissions.handed_in import catalogue, form

# Seen where files are opened, CDP exports read, and submissions kept.
OF_FILES = {
    "archive-broken",
    "archive-doctype",
    "archive-duplicate-member",
    "archive-linked-member",
    "archive-too-large-unpacked",
    "archive-too-many-members",
    "archive-unsafe-name",
    "csv-delimiter",
    "csv-encoding",
    "csv-unreadable",
    "external-links-present",
    "file-empty",
    "file-encrypted",
    "file-not-a-workbook",
    "file-too-large",
    "file-too-much-content",
    "file-type-mismatch",
    "file-type-unknown",
    "macros-present",
    "reader-died",
    "reader-timeout",
    "sheet-range-too-large",
    "sheet-too-many-merged",
}
OF_CDP = {
    "cdp-accounting-year-missing",
    "cdp-accounting-year-not-calendar",
    "cdp-basic-plus-below-basic",
    "cdp-boundary-not-municipal",
    "cdp-city-unknown",
    "cdp-delimiter",
    "cdp-not-public",
    "cdp-totals-missing",
    "cdp-zero-for-missing",
    "gwp-set-not-stated",
}
NO_DANISH_ROWS = "cdp-no-danish-rows"
OF_READING = {"findings-not-all-told", "sheet-duplicate"}
OF_BATCHES = {"numbers-handed-in-twice"}
OF_HISTORY = {
    "change-against-version",
    "file-superseded-already",
    "file-withdrawn-already",
    "registers-through-inbox",
    "unexpected-fault",
}
OF_REGISTERS = {"periods-overlap"}
ELSEWHERE = OF_FILES | OF_CDP | OF_READING | OF_HISTORY | OF_BATCHES | OF_REGISTERS
TESTS = Path(__file__).resolve().parents[1]
Told = list[tuple[str, str | None, str | None]]


@cache
def judged() -> list[list[Finding]]:
    """All faulty reports in one batch, with the good one at the end."""
    return judge([changed(fault)[0] for fault in FAULTS] + [FullReport().read()])


def judge(readings: list[Reading]) -> list[list[Finding]]:
    """What reading and gate say of each."""
    found = judge_submissions(readings, forms(), references())
    return [[*r.findings, *new] for r, new in zip(readings, found, strict=True)]


def changed(fault: Fault) -> tuple[Reading, Place]:
    """The good report with a fault, and where it must be told."""
    report = FullReport()
    place = fault.change(report)
    return report.read(), place


def places(findings: list[Finding]) -> Told:
    return [(entry.code, entry.sheet, entry.cell) for entry in findings]


def test_a_report_with_every_sheet_filled_has_no_finding() -> None:
    assert judged()[-1] == []
    blocks = {fact.block for fact in FullReport(NOW).read().facts}
    assert blocks == {block.id for block in form().blocks}


@pytest.mark.parametrize(
    ("number", "fault"),
    list(enumerate(FAULTS)),
    ids=[f"{fault.code}-{fault.label or n}" for n, fault in enumerate(FAULTS)],
)
def test_a_fault_is_told_once_at_its_place(number: int, fault: Fault) -> None:
    place = changed(fault)[1]
    assert places(judged()[number]) == [(fault.code, *place)]


def test_every_check_is_seen_to_fail_here_or_in_the_tests_of_its_door() -> None:
    seen = {fault.code for fault in FAULTS}
    assert set(codes()) - seen == ELSEWHERE | {NO_DANISH_ROWS}


def test_what_is_seen_elsewhere_is_named_there() -> None:
    folders = ("ingestion/submissions", "expectations", "orchestration")
    texts = [path.read_text() for folder in folders for path in (TESTS / folder).glob("*.py")]
    named = {code for code in codes() for text in texts if f'"{code}"' in text}
    assert ELSEWHERE - named == set()


def test_an_export_from_cdp_without_danish_rows_is_told_as_a_whole() -> None:
    header = ",".join(names[0] for names in dialect().headers.values())
    (reading,) = read_cdp(
        read_export(header.encode()), catalogue().municipalities, catalogue().aliases
    )
    assert places([*reading.findings]) == [(NO_DANISH_ROWS, None, None)]
    assert judge([reading]) == [[*reading.findings]]


def test_every_text_reads_to_its_end_without_a_gap() -> None:
    for findings in judged():
        for entry in findings:
            for text in (entry.text_da, entry.text_en, entry.help_da, entry.help_en):
                assert text.endswith((".", "?")) or str(entry.found) in text, text
                assert not {"None", "nan", "NaT", "{", "}", "–"} & set(text.split()), text


def answers() -> Iterator[tuple[str, str]]:
    """Every answered input of the good report, except of an IE and of what it refers to."""
    for fact in FullReport().read().facts:
        if not fact.row_key.startswith("gpc_basic_plus|"):
            yield fact.sheet, fact.cell


def with_cell(place: tuple[str, str], value: Cell | str | None) -> Reading:
    report = FullReport()
    report.put(*place, value)
    return report.read()


def test_any_answer_that_cannot_be_read_is_one_finding_and_nothing_follows_from_it() -> None:
    cells = list(answers())
    found = judge([with_cell(place, Cell("error", "#REF!")) for place in cells])
    wrong = {
        place: places(findings)
        for place, findings in zip(cells, found, strict=True)
        if places(findings) != [("formula-error", *place)]
    }
    assert wrong == {}


def test_any_answer_left_out_is_told_at_its_cell_or_as_missed_in_its_sheet() -> None:
    cells = list(answers())
    found = judge([with_cell(place, None) for place in cells])
    wrong = {
        place: places(findings)
        for place, findings in zip(cells, found, strict=True)
        if [entry[1:] for entry in places(findings)] not in ([], [place], [(place[0], None)])
    }
    assert wrong == {}


def test_any_renamed_header_is_one_finding_and_nothing_follows_from_it() -> None:
    headers = [
        (block.sheet, cell_name(block.header_row, block.column(field.id)))
        for block in form().blocks
        for field in block.inputs
        if block.id != "emission_sources" or field.id not in block.key
    ]
    found = judge([with_cell(place, "Min egen") for place in headers])
    wrong = {
        place: places(findings)
        for place, findings in zip(headers, found, strict=True)
        if places(findings) != [("header-missing", *place)]
    }
    assert wrong == {}
