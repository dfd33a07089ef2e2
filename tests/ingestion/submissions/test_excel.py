"""A workbook's cells: every kind of cell, both readers, both epochs, what a person may not see."""

import io
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.submissions.archive import open_archive
from ingestion.submissions.cells import Cell, FileCells, SheetCells
from ingestion.submissions.excel import read_workbook
from ingestion.submissions.excel_structure import changes_what_is_seen
from tests.ingestion.submissions.packing import (
    MAIN,
    SHEET,
    XLSX,
    sheet_xml,
    with_part,
    workbook_parts,
    zipped,
)

STRINGS = (
    "<t>almindelig</t>",
    "<r><t>ri</t></r><r><t>ch</t></r>",
    '<t xml:space="preserve">  luft </t>',
    "<t></t>",
    "<t>to&#10;linjer</t>",
    "<t>ord</t><rPh sb='0' eb='1'><t>udtale</t></rPh>",
)
STYLES = ("General", "0%", "#,##0,", "yyyy-mm-dd", "hh:mm", "[h]:mm", '0.0" mio."', "dd.mm.yyyy")
PERCENT, SCALED, DAY, CLOCK, HOURS, WORDS, DANISH_DAY = range(1, 8)
# A formula makes openpyxl read the sheet as well.
BOTH_READERS = '<row r="90"><c r="A90"><f>1+1</f><v>2</v></c></row>'


def read(content: bytes) -> FileCells:
    return read_workbook(open_archive(XLSX, content))


def sheet(rows: str, *, after: str = "", properties: str = "") -> SheetCells:
    """The one sheet of a workbook with the given rows."""
    parts = workbook_parts(
        {"Ark": sheet_xml(rows, after=after)},
        styles=STYLES,
        strings=STRINGS,
        properties=properties,
    )
    return read(zipped(parts)).sheets[0]


def cell(xml: str, *, properties: str = "") -> Cell | None:
    """The cell C7, read by calamine alone and by both readers, which must not differ."""
    row = f'<row r="7">{xml}</row>'
    alone = sheet(row, properties=properties)
    both = sheet(row + BOTH_READERS, properties=properties)
    assert both.disagreements == ()
    assert both.at(90, 1) == Cell("number", 2.0)
    assert alone.at(7, 3) == both.at(7, 3)
    return both.at(7, 3)


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('<c r="C7" t="s"><v>0</v></c>', "almindelig"),
        ('<c r="C7" t="s"><v>1</v></c>', "rich"),
        ('<c r="C7" t="s"><v>2</v></c>', "  luft "),
        ('<c r="C7" t="s"><v>4</v></c>', "to\nlinjer"),
        ('<c r="C7" t="s"><v>5</v></c>', "ord"),
        ('<c r="C7" t="inlineStr"><is><t>æ &amp; ø</t></is></c>', "æ & ø"),
        ('<c r="C7" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', "ab"),
        ('<c r="C7" t="str"><v>tekst</v></c>', "tekst"),
        ('<c r="C7" t="str"><f>A1</f><v>resultat</v></c>', "resultat"),
    ],
)
def test_text_is_read_as_it_stands(xml: str, expected: str) -> None:
    assert cell(xml) == Cell("text", expected)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12", 12.0),
        ("12.5", 12.5),
        ("-0.1", -0.1),
        ("1E-3", 0.001),
        ("0.30000000000000004", 0.30000000000000004),
        ("123456789012345", 123456789012345.0),
        ("12345678901234567", 12345678901234568.0),
        ("123456789012345678901234567890", 1.2345678901234568e29),
    ],
)
def test_numbers_are_read_to_the_last_bit(written: str, expected: float) -> None:
    assert cell(f'<c r="C7"><v>{written}</v></c>') == Cell("number", expected)
    assert cell(f'<c r="C7"><f>1*1</f><v>{written}</v></c>') == Cell("number", expected)


@pytest.mark.parametrize(("written", "expected"), [("1", True), ("0", False)])
def test_booleans_are_no_numbers(written: str, expected: bool) -> None:
    assert cell(f'<c r="C7" t="b"><v>{written}</v></c>') == Cell("boolean", expected)


@pytest.mark.parametrize(
    "word",
    ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"],
)
def test_an_error_is_named(word: str) -> None:
    read_cells = sheet(f'<row r="7"><c r="C7" t="e"><f>1/0</f><v>{word}</v></c></row>')
    assert read_cells.cells == {(7, 3): Cell("error", word)}
    assert read_cells.disagreements == ()


def test_an_error_word_that_calamine_does_not_know_leaves_the_other_cells_in_place() -> None:
    row = '<c r="A7"><v>1.5</v></c><c r="B7" t="e"><v>#SPILL!</v></c><c r="C7" t="s"><v>1</v></c>'
    read_cells = sheet(f'<row r="7">{row}</row>')
    assert read_cells.at(7, 1) == Cell("number", 1.5)
    assert read_cells.at(7, 3) == Cell("text", "rich")


@pytest.mark.parametrize("value", ["", "<v></v>", "<v/>"])
def test_a_formula_without_a_stored_value_says_so(value: str) -> None:
    read_cells = sheet(f'<row r="7"><c r="C7"><f>1+1</f>{value}</c></row>')
    assert read_cells.cells == {(7, 3): Cell("formula", None)}


def test_a_formula_with_a_value_is_its_value() -> None:
    shared = '<c r="C7"><f t="shared" ref="C7:C8" si="0">B7</f><v>3</v></c>'
    follower = '<row r="8"><c r="C8"><f t="shared" si="0"/><v>4</v></c></row>'
    read_cells = sheet(f'<row r="7">{shared}</row>{follower}')
    assert read_cells.cells == {(7, 3): Cell("number", 3.0), (8, 3): Cell("number", 4.0)}


def test_a_formula_whose_result_is_empty_text_is_an_empty_cell() -> None:
    row = '<row r="7"><c r="C7" t="str"><f>IF(A1="","","x")</f><v></v></c></row>'
    read_cells = sheet(row)
    assert read_cells.cells == {}
    assert read_cells.disagreements == ()


@pytest.mark.parametrize(
    "xml",
    ['<c r="C7"/>', '<c r="C7" s="1"/>', '<c r="C7" t="s"><v>3</v></c>', '<c r="C7"><v></v></c>'],
)
def test_empty_cells_are_not_there(xml: str) -> None:
    assert cell(xml) is None


@pytest.mark.parametrize(
    ("style", "serial", "in_1900", "in_1904"),
    [
        (DAY, "45000", "2023-03-15", "2027-03-16"),
        (DANISH_DAY, "45000", "2023-03-15", "2027-03-16"),
        (DAY, "45000.354166666664", "2023-03-15T08:30:00", "2027-03-16T08:30:00"),
        (DAY, "61", "1900-03-01", "1904-03-02"),
        (CLOCK, "0.5", "12:00:00", "12:00:00"),
        (HOURS, "1.5", "PT129600S", "PT129600S"),
    ],
)
def test_both_readers_agree_on_dates_in_both_epochs(
    style: int, serial: str, in_1900: str, in_1904: str
) -> None:
    xml = f'<c r="C7" s="{style}"><v>{serial}</v></c>'
    assert cell(xml) == Cell("date", in_1900)
    assert cell(xml, properties='date1904="1"') == Cell("date", in_1904)
    assert cell(xml, properties='date1904="true"') == Cell("date", in_1904)


@pytest.mark.parametrize("written", ["2026-11-24", "2026-11-24T08:30:00"])
def test_dates_written_as_text_are_dates(written: str) -> None:
    assert cell(f'<c r="C7" t="d"><v>{written}</v></c>') == Cell("date", written)


def test_a_date_before_the_epoch_is_read_differently_and_said_to_be() -> None:
    row = f'<row r="7"><c r="C7" s="{DAY}"><v>-5</v></c></row>'
    assert sheet(row + BOTH_READERS).disagreements == ("C7",)


@pytest.mark.parametrize(
    ("style", "expected"), [(PERCENT, "0%"), (SCALED, "#,##0,"), (WORDS, None), (0, None)]
)
def test_a_format_that_shows_another_number_is_kept(style: int, expected: str | None) -> None:
    read_cells = sheet(f'<row r="7"><c r="C7" s="{style}"><v>0.35</v></c></row>')
    assert read_cells.at(7, 3) == Cell("number", 0.35, expected)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("0%", True),
        ("0.00%", True),
        ("#,##0,", True),
        ("0.0,,", True),
        ('#,##0.0,," mio. kr."', True),
        ("[Red]#,##0,;[Blue]-#,##0,", True),
        ("0,,.0", True),
        ("General", False),
        ("#,##0", False),
        ("#,##0.00", False),
        ('0" %"', False),
        ("0\\%", False),
        ('_-* #,##0.00\\ "kr."_-;\\-* #,##0.00\\ "kr."_-', False),
        ('0", "', False),
        ("dd.mm.yyyy", False),
        ("@", False),
        ("", False),
    ],
)
def test_which_formats_show_another_number(code: str, expected: bool) -> None:
    assert changes_what_is_seen(code) is expected


def test_cells_stand_where_they_stand_in_the_sheet() -> None:
    read_cells = sheet('<row r="13"><c r="D13"><v>1</v></c><c r="F13"><v>2</v></c></row>')
    assert set(read_cells.cells) == {(13, 4), (13, 6)}


def test_cells_without_names_are_counted() -> None:
    rows = '<row><c><v>1</v></c><c><v>2</v></c></row><row r="5"><c r="C5"><v>3</v></c><c/></row>'
    expected = {(1, 1), (1, 2), (5, 3)}
    assert set(sheet(rows).cells) == expected
    assert set(sheet(rows + BOTH_READERS).cells) == {*expected, (90, 1)}


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_beyond_all_numbers_is_an_error(number: str) -> None:
    assert cell(f'<c r="C7"><v>{number}</v></c>') == Cell("error", "#NUM!")


@pytest.mark.parametrize(
    "xml",
    [
        '<c r="C7"><v>1<!-- bemærkning -->2</v></c>',
        '<c r="C7" t="str"><v><![CDATA[1<2]]></v></c>',
        '<c r="C7" t="s"><v>x0</v></c>',
        '<c r="C7"><f>1</f><v>NaN</v></c>',
        '<c r="C7"><f>1</f><v>1,5</v></c>',
        '<c r="C7"><f>1</f><v>1</v><v>2</v></c>',
        '<c r="C7" t="b"><f>1</f><v>true</v></c>',
    ],
)
def test_a_cell_that_the_readers_read_differently_is_named(xml: str) -> None:
    assert sheet(f'<row r="7">{xml}</row>').disagreements == ("C7",)


def test_a_comment_in_the_shared_strings_is_not_lost_in_silence() -> None:
    parts = workbook_parts(
        {"Ark": sheet_xml('<row r="7"><c r="C7" t="s"><v>0</v></c></row>')},
        strings=("<t>1<!-- -->2</t>",),
    )
    read_cells = read(zipped(parts)).sheets[0]
    assert read_cells.at(7, 3) == Cell("text", "12") or read_cells.disagreements == ("C7",)


def test_a_sheet_with_prefixed_names_is_read() -> None:
    prefixed = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>7</x:v></x:c>'
        '<x:c r="B1" t="e"><x:v>#N/A</x:v></x:c><x:c r="C1"><x:f>1</x:f></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    read_cells = read(with_part(SHEET, prefixed)).sheets[0]
    assert read_cells.cells == {
        (1, 1): Cell("number", 7.0),
        (1, 2): Cell("error", "#N/A"),
        (1, 3): Cell("formula", None),
    }


def test_a_workbook_without_styles_and_strings_is_read() -> None:
    parts = workbook_parts({"Ark": sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')})
    bare = {k: p for k, p in parts.items() if k not in ("xl/styles.xml", "xl/sharedStrings.xml")}
    assert read(zipped(bare)).sheets[0].at(1, 1) == Cell("number", 1.0)


def test_a_far_cell_within_the_limits_is_read() -> None:
    far = '<row r="150000"><c r="A150000"><v>1</v></c></row><row r="150001"><c r="B150001"/></row>'
    assert sheet(far).cells == {(150_000, 1): Cell("number", 1.0)}


def test_empty_rows_at_the_very_end_do_not_count() -> None:
    """LibreOffice writes one such row."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576" customFormat="false"/>'
    assert set(sheet(rows).cells) == {(1, 1)}


def excel_file(values: list[list[object]]) -> bytes:
    """A workbook as openpyxl writes it."""
    workbook = openpyxl.Workbook()
    for row in values:
        workbook.active.append(row)  # type: ignore[union-attr]
    packed = io.BytesIO()
    workbook.save(packed)
    return packed.getvalue()


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(
    lambda text: not text.startswith("=") and text == text.strip()
)
# Excel keeps fifteen digits.
NUMBERS = st.floats(-1e300, 1e300).map(lambda x: float(f"{x:.15g}"))
DAYS = st.dates(date(1900, 3, 1), date(2100, 1, 1))
VALUES = st.one_of(TEXTS, NUMBERS, st.booleans(), DAYS, st.none())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=1, max_size=5), min_size=1, max_size=5))
def test_what_is_written_is_read_back_exactly(values: list[list[object]]) -> None:
    cells = read(excel_file(values)).sheets[0].cells
    expected = {
        (row, column): value
        for row, line in enumerate(values, 1)
        for column, value in enumerate(line, 1)
        if value is not None
    }
    assert {place: found.value for place, found in cells.items()} == {
        place: value.isoformat() if isinstance(value, date) else value
        for place, value in expected.items()
    }
