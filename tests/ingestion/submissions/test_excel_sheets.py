"""A workbook's sheets: which there are, what a person does not see of them, what is merged."""

from unicodedata import normalize

import pytest

from ingestion.submissions.archive import RefusedError
from ingestion.submissions.cells import Cell
from tests.ingestion.submissions.packing import MAIN, sheet_xml, workbook_parts, zipped
from tests.ingestion.submissions.test_excel import BOTH_READERS, read, sheet


def test_hidden_sheets_are_read_and_said_to_be_hidden() -> None:
    states = {"B": "hidden", "C": "veryHidden"}
    xml = sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')
    file = read(zipped(workbook_parts(dict.fromkeys("ABC", xml), states=states)))
    assert [(s.name, s.is_hidden, len(s.cells)) for s in file.sheets] == [
        ("A", False, 1),
        ("B", True, 1),
        ("C", True, 1),
    ]


@pytest.mark.parametrize("attribute", ['hidden="1"', 'hidden="true"', 'ht="0"', "hidden='1'"])
def test_a_hidden_row_is_said_to_be_hidden(attribute: str) -> None:
    seen = '<row r="1"><c r="A1"><v>1</v></c></row>'
    assert sheet(f'{seen}<row r="2" {attribute}><c r="A2"><v>1</v></c></row>').hidden_rows == {2}


@pytest.mark.parametrize("attribute", ['hidden="0"', 'hidden="false"', 'ht="12.8"'])
def test_a_row_that_is_seen_is_not(attribute: str) -> None:
    assert sheet(f'<row r="2" {attribute}><c r="A2"><v>1</v></c></row>').hidden_rows == set()


@pytest.mark.parametrize("attribute", ['hidden="1"', 'width="0"'])
def test_a_hidden_column_is_said_to_be_hidden_where_it_holds_cells(attribute: str) -> None:
    columns = f'<cols><col min="2" max="16384" {attribute}/></cols>'
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="C1"><v>1</v></c></row>'
    parts = workbook_parts({"Ark": sheet_xml(rows, before=columns)})
    assert read(zipped(parts)).sheets[0].hidden_columns == {3}


def test_merged_ranges_are_named() -> None:
    merged = '<mergeCells count="2"><mergeCell ref="A1:B2"/><mergeCell ref="C3:C4"/></mergeCells>'
    rows = '<row r="1"><c r="A1"><v>1</v></c></row>'
    assert sheet(rows, after=merged).merged == ("A1:B2", "C3:C4")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('<mergeCell ref="b2:a1"/>', ("A1:B2",)),
        ('<mergeCell ref="C7"/>', ("C7:C7",)),
        ("<mergeCell ref='A1:B2'></mergeCell>", ("A1:B2",)),
        ('<mergeCell a="1" ref="A1:B2"/><mergeCell\nref="A3:B3"/>', ("A1:B2", "A3:B3")),
        ('<!-- <mergeCell ref="A01:B2"/> --><mergeCell ref="A1:B2"/>', ("A1:B2",)),
        ('<!-- <mergeCell ref="A1:B2"/> -->', ()),
        (f'<x:mergeCell xmlns:x="{MAIN}" ref="A1:B2"/>', ("A1:B2",)),
        ('<mergeCell ref="A1:XFD1048576"/>', ("A1:SF200000",)),
        ('<mergeCell ref="A200001:B200002"/><mergeCell ref="SG1:SH1"/>', ()),
    ],
)
def test_merged_ranges_are_named_in_one_way_within_the_limits(
    written: str, read: tuple[str, ...]
) -> None:
    after = f"<mergeCells>{written}</mergeCells>"
    rows = '<row r="1"><c r="A1"><v>1</v></c></row>'
    assert sheet(rows, after=after).merged == read
    assert sheet(rows + BOTH_READERS, after=after).merged == read


@pytest.mark.parametrize("name", [" Nøgletal ", "Nøgleta\u030al", "x" * 150, "\u00a0Ark"])
def test_a_sheet_is_known_by_one_name(name: str) -> None:
    parts = workbook_parts({name: sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')})
    (read_sheet,) = read(zipped(parts)).sheets
    assert read_sheet.name == normalize("NFC", name).strip()[:100]
    assert read_sheet.cells


def test_two_sheets_may_come_to_one_name_and_both_are_there() -> None:
    parts = workbook_parts({"Nøgletal": sheet_xml(BOTH_READERS), "Nøgletal ": sheet_xml("")})
    first, second = read(zipped(parts)).sheets
    assert (first.name, second.name) == ("Nøgletal", "Nøgletal")
    assert first.cells
    assert not second.cells


def test_parts_are_found_where_the_relations_say() -> None:
    """A second part with the usual name is a decoy: Excel does not look there either."""
    parts = workbook_parts(
        {"Ark": sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>')}, strings=("<t>ja</t>",)
    )
    relations = str(parts["xl/_rels/workbook.xml.rels"]).replace("sharedStrings.xml", "other.xml")
    decoy = str(parts["xl/sharedStrings.xml"]).replace("ja", "nej")
    moved = {
        **parts,
        "xl/other.xml": parts["xl/sharedStrings.xml"],
        "xl/sharedStrings.xml": decoy,
        "xl/_rels/workbook.xml.rels": relations,
    }
    assert read(zipped(moved)).sheets[0].at(1, 1) == Cell("text", "ja")


def test_a_chart_sheet_is_no_sheet_of_cells() -> None:
    parts = workbook_parts({"Ark": sheet_xml(""), "Graf": "<chartsheet/>"})
    relations = str(parts["xl/_rels/workbook.xml.rels"])
    at = relations.index('Id="rId2"')
    changed = relations[:at] + relations[at:].replace("/worksheet", "/chartsheet", 1)
    file = read(zipped({**parts, "xl/_rels/workbook.xml.rels": changed}))
    assert [s.name for s in file.sheets] == ["Ark"]


def test_two_sheets_of_one_name_are_refused() -> None:
    parts = workbook_parts({"Ark": sheet_xml(""), "ARK": sheet_xml("")})
    with pytest.raises(RefusedError) as refused:
        read(zipped(parts))
    assert refused.value.code == "archive-broken"
