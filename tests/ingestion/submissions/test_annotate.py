"""The marked copy: exactly the faulty cells, every finding in *Kontrol*, nothing else changed."""

import shutil
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.workbook import Workbook

from ingestion.submissions.annotate import MARK, annotate
from ingestion.submissions.archive import open_archive
from ingestion.submissions.cells import Place, cell_place
from ingestion.submissions.excel import read_workbook
from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.reading import read_submission
from ingestion.submissions.template_style import ERROR, INPUT, REQUIRED, WARNING
from tests.ingestion.submissions.handed_in import catalogue, form
from tests.ingestion.submissions.test_template import parts, written

ROOT = Path(__file__).resolve().parents[3]


def at(code: str, sheet: str | None = None, cell: str | None = None, **words: Any) -> Finding:
    row, column = cell_place(cell) if cell else (None, None)
    return finding(code, Place(sheet, row, column), **words)


UNREADABLE = at("number-unreadable", "Nøgletal", "E5", field="value", found="=1+1")
NEGATIVE = at("gwp-set-missing", "Nøgletal", "E5", field="value", found="-3")
NO_TITLE = at("row-incomplete", "Handlinger", "B6", field="title", label="Titel")
SUSPECT = at("zero-not-confirmed", "Nøgletal", "E8", field="value", found="0")
MISSING_SHEET = at("sheet-missing", "Vidensdeling 2")
BROKEN = at("archive-broken")
ALL = (SUSPECT, UNREADABLE, NEGATIVE, NO_TITLE, MISSING_SHEET, BROKEN)
MARKED = {("Nøgletal", "E5"), ("Handlinger", "B6"), ("Nøgletal", "E8")}


@cache
def copied() -> bytes:
    return annotate(written(), ALL)


def load(content: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(content))


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def marked(book: Workbook) -> dict[tuple[str, str], str]:
    """Colour of each cell in a colour of ours outside Kontrol."""
    return {
        (sheet.title, cell.coordinate): cell.fill.fgColor.rgb
        for sheet in book.worksheets
        if sheet.title != "Kontrol"
        for row in sheet.iter_rows()
        for cell in row
        if cell.fill.fgColor.rgb in {ERROR, WARNING}
    }


def commented(book: Workbook) -> dict[tuple[str, str], Comment]:
    return {
        (sheet.title, cell.coordinate): cell.comment
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }


def test_exactly_the_faulty_cells_are_marked_and_commented() -> None:
    book = load(copied())
    assert marked(book) == {
        ("Nøgletal", "E5"): ERROR,
        ("Handlinger", "B6"): ERROR,
        ("Nøgletal", "E8"): WARNING,
    }
    assert set(commented(book)) == MARKED
    assert {comment.author for comment in commented(book).values()} == {"klimamonitor"}


def test_findings_of_one_cell_share_a_comment_with_what_to_do() -> None:
    text = commented(load(copied()))["Nøgletal", "E5"].text
    for entry in (UNREADABLE, NEGATIVE):
        assert f"Fejl: {entry.text_da}\n{entry.help_da}" in text
    warned = commented(load(copied()))["Nøgletal", "E8"].text
    assert f"Advarsel: {SUSPECT.text_da}\n{SUSPECT.help_da}" in warned


def test_a_cell_with_an_error_and_a_warning_is_red() -> None:
    both = (at("zero-not-confirmed", "Nøgletal", "E5", found="0"), UNREADABLE)
    assert marked(load(annotate(written(), both))) == {("Nøgletal", "E5"): ERROR}


def control_rows(book: Workbook) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in book["Kontrol"].iter_rows(min_row=5)]


def test_the_first_sheet_lists_every_finding_errors_first() -> None:
    book = load(copied())
    assert book.sheetnames[0] == "Kontrol"
    assert getattr(book.active, "title", None) == "Kontrol"
    sheet = book["Kontrol"]
    assert sheet["A2"].value == "5 fejl og 1 advarsel. Ret fejlene, gem filen, og indsend den igen."
    assert [cell.value for cell in sheet[4]] == [
        "Alvor",
        "Ark",
        "Celle",
        "Felt",
        "Fundet",
        "Hvad er galt",
        "Hvad skal gøres",
    ]
    rows = control_rows(book)
    assert [row[:3] for row in rows] == [
        ["Fejl", "Hele filen", None],
        ["Fejl", "Nøgletal", "E5"],
        ["Fejl", "Nøgletal", "E5"],
        ["Fejl", "Handlinger", "B6"],
        ["Fejl", "Vidensdeling 2", None],
        ["Advarsel", "Nøgletal", "E8"],
    ]
    assert [row[3] for row in rows[1:4]] == ["Værdi (i rækkens enhed)"] * 2 + ["Titel"]
    assert rows[1][5:] == [UNREADABLE.text_da, UNREADABLE.help_da]


def test_a_listed_cell_is_a_link_to_it_inside_the_file() -> None:
    content = copied()
    link = load(content)["Kontrol"]["C8"].hyperlink
    assert (link.location, link.target) == ("'Handlinger'!B6", None)
    assert 'TargetMode="External"' not in "".join(parts(content).values())


def test_without_faults_the_file_says_so() -> None:
    book = load(annotate(written(), ()))
    assert book["Kontrol"]["A2"].value == ("Ingen fejl og ingen advarsler. Filen kan godkendes.")
    assert marked(book) == {}
    assert commented(book) == {}


@pytest.mark.parametrize("found", ["=1+1", "+45", "-3", "@SUM(A1)", "\t=1", "a\x00b", "a\ud800b"])
def test_what_was_found_is_never_a_formula(found: str) -> None:
    content = annotate(written(), [at("number-unreadable", "Nøgletal", "E5", found=found)])
    cell = load(content)["Kontrol"]["E5"]
    assert cell.data_type == "s"
    assert cell.quotePrefix == found.startswith(("=", "+", "-", "@", "\t"))
    assert "<f>" not in "".join(parts(content).values())


def changed(**cells: Any) -> bytes:
    """A filled workbook with cells of Nøgletal changed, as a person would save it."""
    book = load(written())
    for name, value in cells.items():
        book["Nøgletal"][name] = value
    return saved(book)


def raw_cell(content: bytes, sheet: str, cell: str) -> str:
    """What stands in the file for a cell, without its style."""
    book = load(content)
    text = parts(content)[f"xl/worksheets/sheet{book.sheetnames.index(sheet) + 1}.xml"]
    found = text.split(f'<c r="{cell}"', 1)[1].split("</c>", 1)[0]
    return found.split(">", 1)[1] if ">" in found.split("/>", 1)[0] else ""


@pytest.mark.parametrize(
    "value", [0.1 + 0.2, 123456789012345, 20251231, True, "=E6+1", "#DIV/0!", " =1 "]
)
def test_what_people_wrote_is_kept_to_the_letter(value: Any) -> None:
    content = changed(E5=value)
    assert raw_cell(annotate(content, ALL), "Nøgletal", "E5") == raw_cell(content, "Nøgletal", "E5")


@pytest.mark.filterwarnings("ignore:Cell")
def test_a_date_beyond_the_calendar_is_kept_as_the_number_it_is() -> None:
    book = load(written())
    block = form().block("actions")
    place = book["Handlinger"].cell(block.first_row, block.column("start_on"))
    place.value, place.number_format = 20251231, "dd-mm-yyyy"
    content = annotate(saved(book), ALL)
    assert "20251231" in raw_cell(content, "Handlinger", place.coordinate)


def test_text_that_looks_like_a_formula_is_still_text_afterwards() -> None:
    book = load(written())
    cell = book["Nøgletal"]["F5"]
    cell.value, cell.data_type = "=HYPERLINK(1)", "s"
    again = load(annotate(saved(book), ALL))["Nøgletal"]["F5"]
    assert (again.value, again.data_type) == ("=HYPERLINK(1)", "s")


def rules(book: Workbook) -> list[Any]:
    return [
        (sheet.title, str(rule.sqref), rule.type, rule.formula1, rule.formula2, rule.prompt)
        for sheet in book.worksheets
        for rule in sheet.data_validations.dataValidation
    ]


def test_validations_protection_and_hidden_sheets_stay() -> None:
    before, after = load(written()), load(copied())
    assert rules(after) == rules(before)
    for sheet in before.worksheets:
        other = after[sheet.title]
        assert other.sheet_state == sheet.sheet_state
        assert other.protection.sheet == sheet.protection.sheet
        assert other.freeze_panes == sheet.freeze_panes
    assert not [s.title for s in after.worksheets[1:] if s.sheet_view.tabSelected]


def test_a_marked_copy_is_still_a_submission() -> None:
    content = copied()
    before = read_workbook(open_archive("a.xlsx", written()))
    after = read_workbook(open_archive("a.xlsx", content))
    assert [sheet for sheet in after.sheets if sheet.name != "Kontrol"] == list(before.sheets)
    reading = read_submission(after, form(), catalogue().municipalities, 2026)
    assert reading.findings == ()


def test_marks_of_an_earlier_copy_are_taken_off() -> None:
    again = load(annotate(copied(), [NO_TITLE]))
    assert again.sheetnames.count("Kontrol") == 1
    assert set(marked(again)) == set(commented(again)) == {("Handlinger", "B6")}
    for cell in ("E5", "E8"):
        assert again["Nøgletal"][cell].fill.fgColor.rgb == REQUIRED


def test_marking_twice_is_marking_once() -> None:
    once = copied()
    twice = load(annotate(once, ALL))
    assert marked(twice) == marked(load(once))
    texts = {place: comment.text for place, comment in commented(twice).items()}
    assert texts == {place: comment.text for place, comment in commented(load(once)).items()}
    assert control_rows(twice) == control_rows(load(once))


def test_a_comment_of_the_reporter_stays_before_and_after() -> None:
    book = load(written())
    book["Nøgletal"]["E5"].comment = Comment("Spørg Ane", "Bo")
    content = annotate(saved(book), ALL)
    told = commented(load(content))["Nøgletal", "E5"]
    assert told.text.startswith("Spørg Ane")
    assert UNREADABLE.text_da in told.text
    assert told.author == "Bo"
    left = commented(load(annotate(content, ())))["Nøgletal", "E5"]
    assert (left.text, left.author) == ("Spørg Ane", "Bo")


def test_a_colour_of_the_reporter_is_no_mark() -> None:
    book = load(written())
    book["Nøgletal"]["E6"].fill = PatternFill("solid", fgColor="FF00FF00")
    again = load(annotate(annotate(saved(book), ALL), ()))
    assert again["Nøgletal"]["E6"].fill.fgColor.rgb == "FF00FF00"


def test_a_merged_cell_is_marked_at_its_first() -> None:
    book = load(written())
    book["Nøgletal"].merge_cells("E5:F6")
    content = annotate(saved(book), [at("cells-merged", "Nøgletal", "F6", found="E5:F6")])
    assert set(marked(load(content))) >= {("Nøgletal", "E5")}
    assert set(commented(load(content))) == {("Nøgletal", "E5")}


def test_a_sheet_whose_name_has_spaces_around_it_is_still_marked() -> None:
    book = load(written())
    book["Nøgletal"].title = " Nøgletal "
    packed = BytesIO()
    book.save(packed)
    copy = load(annotate(packed.getvalue(), [at("number-unreadable", "Nøgletal", "E5", found="x")]))
    assert set(marked(copy)) == {(" Nøgletal ", "E5")}


def test_a_fault_in_a_hidden_sheet_or_far_outside_has_no_link() -> None:
    hidden = at("template-identity-damaged", "_skabelon", "B5")
    outside = at("value-outside-table", "Nøgletal", "ZZZ9", found="x", field="value")
    book = load(annotate(written(), [hidden, outside]))
    assert [row[1:3] for row in control_rows(book)] == [["Nøgletal", "ZZZ9"], ["_skabelon", "B5"]]
    assert not [cell for row in book["Kontrol"] for cell in row if cell.hyperlink]


def test_macros_do_not_come_along() -> None:
    with ZipFile(BytesIO(written())) as source:
        members = {name: source.read(name) for name in source.namelist()}
    members["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0"
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    types = members["[Content_Types].xml"]
    assert kind in types
    members["[Content_Types].xml"] = types.replace(kind, macro)
    out = BytesIO()
    with ZipFile(out, "w") as target:
        for name, part in members.items():
            target.writestr(name, part)
    copy = parts(annotate(out.getvalue(), ALL))
    assert "xl/vbaProject.bin" not in copy
    assert kind.decode() in copy["[Content_Types].xml"]


def test_the_same_file_and_findings_give_the_same_bytes() -> None:
    assert annotate(written(), ALL) == copied()


def test_a_file_that_is_no_workbook_is_refused() -> None:
    with pytest.raises(BadZipFile):
        annotate(b"ikke en projektmappe", ALL)


WITHOUT_FILES = """
import resource, sys
from ingestion.submissions.annotate import annotate
from ingestion.submissions.findings import Finding
content = sys.stdin.buffer.read()
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
try:
    open("/dev/null")
except OSError:
    pass
else:
    raise SystemExit("a file could be opened")
told = Finding("x", "cell", "error", "Nøgletal", "E5", None, "æ", "Fejl", "-", "Ret", "-")
sys.stdout.buffer.write(annotate(content, [told]))
"""


def test_it_runs_where_no_file_can_be_opened() -> None:
    asked = [sys.executable, "-c", WITHOUT_FILES]
    done = subprocess.run(asked, cwd=ROOT, input=written(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    assert set(marked(load(done.stdout))) == {("Nøgletal", "E5")}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_copy_saved_by_libreoffice_can_be_marked_again(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / "kontrol.xlsx"
    source.write_bytes(copied())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    asked = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir"]
    subprocess.run([*asked, tmp_path, source], check=True, capture_output=True, timeout=120)
    content = (tmp_path / "kontrol.xlsx").read_bytes()
    assert set(marked(load(content))) == MARKED
    again = load(annotate(content, [NO_TITLE]))
    assert set(marked(again)) == set(commented(again)) == {("Handlinger", "B6")}
    assert MARK in commented(again)["Handlinger", "B6"].text
    assert again["Nøgletal"]["G5"].fill.fgColor.rgb == INPUT
    assert again["Nøgletal"]["G5"].style == "Felt, text"
    assert control_rows(again)[0][3] == "Titel"
