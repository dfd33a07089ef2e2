"""The workbook people see: everything where the form says, nothing in it that a reader suspects."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from ingestion.submissions.archive import open_archive
from ingestion.submissions.catalogue import Catalogue
from ingestion.submissions.cells import cell_name, cell_place
from ingestion.submissions.excel import read_workbook
from ingestion.submissions.form import IDENTITY_SHEET, Block, Field, FixedRow, build_form
from ingestion.submissions.identity import Identity
from ingestion.submissions.reading import read_submission
from ingestion.submissions.template import Prefill, write_template
from ingestion.submissions.template_rules import LISTS_SHEET
from tests.ingestion.submissions.handed_in import ANSWERS, ROWS, catalogue, form

ROOT = Path(__file__).resolve().parents[3]
SHOWN: dict[tuple[str, str, str], Any] = {
    ("emissions", "ghg_gpc_basic", "last_accepted"): 1300000.5,
    ("emissions", "ghg_gpc_basic", "public"): 1290000.0,
    ("key_figures", "buses_total", "last_accepted"): "NE",
}
GIVEN: dict[tuple[str, str, str], Any] = {
    (block, key, field): value
    for block, rows in ANSWERS.items()
    for key, fields in rows.items()
    for field, value in fields.items()
}
BLANK = Prefill("0147", "Frederiksberg", 2025, {}, {})
FILLED = replace(BLANK, cells={**GIVEN, **SHOWN}, rows=ROWS)


@cache
def written(prefill_is_blank: bool = False) -> bytes:
    return write_template(form(), BLANK if prefill_is_blank else FILLED)


@cache
def workbook() -> Workbook:
    return openpyxl.load_workbook(BytesIO(written()))


def parts(content: bytes) -> dict[str, str]:
    with ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def block_sheet(block: Block) -> Worksheet:
    sheet = workbook()[block.sheet]
    assert isinstance(sheet, Worksheet)
    return sheet


def places(block: Block) -> Iterator[tuple[int, int, Field, FixedRow | None]]:
    rows: list[FixedRow | None] = [*block.fixed_rows] or [None] * block.free_rows
    for number, row in enumerate(rows, block.first_row):
        for column, field in enumerate(block.fields, 1):
            yield number, column, block.field_for(field, row), row


def validation(sheet: Worksheet, cell: str) -> DataValidation | None:
    found = [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref]
    assert len(found) <= 1
    return found[0] if found else None


def labels(book: Workbook, rule: DataValidation) -> list[str]:
    sheet, area = next(iter(book.defined_names[rule.formula1].destinations))
    return [cell.value for (cell,) in book[sheet][area]]


def all_blocks() -> list[Any]:
    return [pytest.param(block, id=block.id) for block in form().blocks]


@pytest.mark.parametrize("block", all_blocks())
def test_titles_headers_and_given_rows_stand_where_the_form_says(block: Block) -> None:
    sheet = block_sheet(block)
    assert sheet.cell(block.header_row - 1, 1).value == block.title_da
    headers = [sheet.cell(block.header_row, column).value for column in range(1, 15)]
    assert headers[: len(block.fields)] == [field.header_da for field in block.fields]
    assert set(headers[len(block.fields) :]) == {None}
    for row, fixed in enumerate(block.fixed_rows, block.first_row):
        said = {field.id: sheet.cell(row, i).value for i, field in enumerate(block.fields, 1)}
        assert {k: v for k, v in fixed.labels.items() if v and k in said}.items() <= said.items()


def test_sheets_stand_in_order_with_the_hidden_ones_last() -> None:
    names = [sheet.name for sheet in form().sheets]
    assert workbook().sheetnames == ["Vejledning", *names, LISTS_SHEET, IDENTITY_SHEET]
    states = {sheet.title: sheet.sheet_state for sheet in workbook().worksheets}
    assert {states.pop(LISTS_SHEET), states.pop(IDENTITY_SHEET)} == {"veryHidden"}
    assert set(states.values()) == {"visible"}
    for sheet in form().sheets:
        texts = [workbook()[sheet.name].cell(row, 1).value for row in (1, 2)]
        assert texts == [sheet.title_da, sheet.intro_da]


def test_the_hidden_sheet_says_for_whom_and_when() -> None:
    rows: Any = workbook()[IDENTITY_SHEET].iter_rows(values_only=True)
    assert dict(rows) == Identity("report", form().version, "0147", 2025).entries()


def test_exactly_the_inputs_are_unlocked() -> None:
    inputs = {
        (block.sheet, cell_name(row, column))
        for block in form().blocks
        for row, column, field, _ in places(block)
        if not field.is_shown_only
    }
    unlocked = {
        (sheet.title, cell.coordinate)
        for sheet in workbook().worksheets
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }
    assert unlocked == inputs


def test_every_sheet_is_protected_without_a_password() -> None:
    for sheet in workbook().worksheets:
        protection = sheet.protection
        assert protection.sheet
        assert protection.password is None
        assert not protection.hashValue
        assert not (protection.formatColumns)
        assert not (protection.formatRows)
        assert not (protection.selectLockedCells)
        assert not (protection.selectUnlockedCells)


@pytest.mark.parametrize("block", all_blocks())
def test_every_input_is_validated_and_no_other_cell(block: Block) -> None:
    sheet = block_sheet(block)
    kinds = {
        "amount": {"custom"},
        "number": {"decimal", "whole"},
        "year": {"whole"},
        "date": {"date"},
        "choice": {"list"},
        "cvr": {"whole"},
        "mail": {"custom"},
        "text": {"textLength"},
        "link": {"textLength"},
    }
    for row, column, field, _ in places(block):
        rule = validation(sheet, cell_name(row, column))
        assert (rule is None) == field.is_shown_only
        if rule:
            assert rule.type in kinds[field.type]
            assert rule.allowBlank
            assert rule.showErrorMessage
            assert rule.errorStyle in {None, "stop"}


@pytest.mark.parametrize("block", all_blocks())
def test_every_choice_offers_exactly_its_labels(block: Block) -> None:
    for row, column, field, _ in places(block):
        if field.choices:
            rule = validation(block_sheet(block), cell_name(row, column))
            assert rule
            assert labels(workbook(), rule) == [choice.label_da for choice in field.choices]


def test_ranges_and_keys_of_an_amount_stand_in_its_rule() -> None:
    block = form().block("key_figures")
    rule = validation(block_sheet(block), "E5")
    assert rule
    keys = 'OR(E5="NO",E5="NE",E5="IE",E5="C")'
    whole = "AND(ISNUMBER(E5),E5>=0,E5<=5000,E5=INT(E5))"
    assert rule.formula1 == f"IF(ISNUMBER(E5),{whole},{keys})"
    assert rule.error == (
        "Skriv et helt tal (busser) mellem 0 og 5.000, eller en af nøglerne NO, NE, IE og C."
    )
    assert rule.prompt
    assert rule.prompt.startswith("Skal udfyldes. Antal busser ved årets udgang.")


def test_messages_keep_within_what_excel_takes() -> None:
    for sheet in workbook().worksheets:
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.promptTitle or "") <= 32
            assert len(rule.errorTitle or "") <= 32
            assert len(rule.prompt or "") <= 255
            assert 0 < len(rule.error or "") <= 255
            assert len(rule.formula1) <= 255


def test_lists_are_named_so_that_excel_keeps_them_where_others_read_them() -> None:
    for sheet in workbook().worksheets:
        for rule in sheet.data_validations.dataValidation:
            assert "!" not in rule.formula1


@pytest.mark.parametrize("block", all_blocks())
def test_help_of_a_field_is_its_prompt(block: Block) -> None:
    for row, column, field, fixed in places(block):
        rule = validation(block_sheet(block), cell_name(row, column))
        if rule and field.help_da and not field.unit:
            assert field.help_da in (rule.prompt or "")
        if rule and field.is_required:
            assert (rule.prompt or "").startswith("Skal udfyldes.")
        if rule and fixed and field.unit and len(fixed.labels["help"]) < 100:
            assert fixed.labels["help"] in (rule.prompt or "")


def expected(field: Field, value: Any) -> Any:
    shown = {choice.code: choice.label_da for choice in field.choices}.get(value, value)
    return int(shown) if field.type == "cvr" else shown


def prefilled() -> Iterator[tuple[str, str, Any]]:
    for (block_id, key, field_id), value in FILLED.cells.items():
        block = form().block(block_id)
        number = [row.key for row in block.fixed_rows].index(key)
        own = block.fields[block.column(field_id) - 1]
        field = block.field_for(own, block.fixed_rows[number])
        place = cell_name(block.first_row + number, block.column(field_id))
        yield block.sheet, place, expected(field, value)
    for block_id, rows in ROWS.items():
        block = form().block(block_id)
        for number, row in enumerate(rows, block.first_row):
            for field_id, value in row.items():
                column = block.column(field_id)
                place = cell_name(number, column)
                yield block.sheet, place, expected(block.fields[column - 1], value)


def test_prefilled_values_are_read_back_by_openpyxl() -> None:
    for sheet, place, value in prefilled():
        found = workbook()[sheet][place].value
        assert (found.date() if isinstance(found, datetime) else found) == value


def test_prefilled_values_are_read_back_by_calamine() -> None:
    book = CalamineWorkbook.from_filelike(BytesIO(written()))
    sheets = {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }
    for sheet, place, value in prefilled():
        row, column = cell_place(place)
        assert sheets[sheet][row - 1][column - 1] == value


def test_a_filled_template_is_a_submission_without_findings() -> None:
    cells = read_workbook(open_archive("indberetning.xlsx", written()))
    reading = read_submission(cells, form(), catalogue().municipalities, 2026)
    assert reading.findings == ()
    assert reading.identity == Identity("report", form().version, "0147", 2025)
    taken = {(fact.block, fact.row_key, fact.field) for fact in reading.facts}
    private = {("municipality", key) for key in reading.contacts}
    inputs = {place for place in GIVEN if place[:2] not in private}
    assert inputs <= taken


def test_the_same_input_gives_the_same_bytes_in_any_process() -> None:
    program = (
        "import sys; from tests.ingestion.submissions.test_template import written;"
        "sys.stdout.buffer.write(written())"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        assert done.stdout == written()


@pytest.mark.parametrize("text", ["=1+1", "+45 12", "-", "-12", "@SUM(A1)", "\tx", "#N/A", "0147"])
def test_text_stays_text(text: str) -> None:
    cells = {("key_figures", "buses_total", "explanation"): text}
    content = write_template(form(), replace(BLANK, cells=cells, municipality_name=text))
    book = openpyxl.load_workbook(BytesIO(content))
    for sheet, place in (("Nøgletal", "F5"), ("Kommune", "C6")):
        cell = book[sheet][place]
        assert (cell.value, cell.data_type) == (text, "s")
        assert cell.quotePrefix == text.startswith(("=", "+", "-", "@", "\t"))
    assert "<f>" not in "".join(parts(content).values())


def test_nothing_that_a_reader_suspects_stands_in_it() -> None:
    for name, text in parts(written()).items():
        if "worksheets/sheet" in name:
            assert not re.search(r"<f[ >]|<mergeCell|hidden=", text), name
        assert 'TargetMode="External"' not in text
        assert "externalLink" not in text
        assert "vbaProject" not in text
    formats = {c.number_format for s in workbook().worksheets for r in s.iter_rows() for c in r}
    assert not [code for code in formats if "%" in code or code.rstrip(";").endswith(",")]


def test_required_fields_look_different_from_others() -> None:
    for block in form().blocks:
        fills: dict[str, set[str]] = {}
        for row, column, field, _ in places(block):
            kind = "shown" if field.is_shown_only else "required" if field.is_required else "free"
            cell = block_sheet(block).cell(row, column)
            fills.setdefault(kind, set()).add(cell.fill.fgColor.rgb)
        assert all(len(colours) == 1 for colours in fills.values())
        assert len(set.union(*fills.values())) == len(fills)


def test_sheets_print_on_a4_and_name_their_municipality_below() -> None:
    for sheet in workbook().worksheets:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.page_setup.fitToWidth == 1
        footer: Any = sheet.oddFooter
        assert footer.left.text == "Frederiksberg 2025"
        assert f"version {form().version}" in footer.center.text
    assert workbook()["Handlinger"].print_title_rows == "$4:$4"
    assert workbook()["Handlinger"].freeze_panes == "B5"
    assert workbook()["Nøgletal"].freeze_panes == "A5"


def test_the_header_of_one_table_is_not_kept_in_view_above_another() -> None:
    for sheet in form().sheets:
        pane = workbook()[sheet.name].freeze_panes or ""
        assert int(re.sub(r"\D", "", pane)) == (5 if len(sheet.blocks) == 1 else 3)


def test_guidance_names_keys_colours_contact_and_version() -> None:
    rows = workbook()["Vejledning"].iter_rows(values_only=True)
    text = "\n".join(str(value) for row in rows for value in row if value)
    for words in (
        *form().guidance_da,
        "Frederiksberg",
        "2025",
        "sekretariatet",
        f"version {form().version}",
    ):
        assert words in text
    for key in ("NO", "NE", "IE", "C", "Felternes farver"):
        assert f"\n{key}\n" in text
    for sheet in form().sheets:
        assert sheet.intro_da in text


def test_a_figure_added_to_the_catalogue_appears_by_itself() -> None:
    added = {
        **catalogue().registers["reporting_inputs"][0],
        "input_id": "ferries_electric",
        "name_da": "Elfærger",
        "unit": "færger",
        "valid_max": "40",
    }
    asked = (*catalogue().registers["reporting_inputs"], added)
    registers = {**catalogue().registers, "reporting_inputs": asked}
    changed = build_form("report", Catalogue(registers))
    sheet = openpyxl.load_workbook(BytesIO(write_template(changed, BLANK)))["Nøgletal"]
    keys = [sheet.cell(row, 1).value for row in range(5, 60)]
    row = keys.index("ferries_electric") + 5
    assert [sheet.cell(row, column).value for column in (3, 4)] == ["Elfærger", "færger"]
    assert not sheet.cell(row, 5).protection.locked
    rule = validation(sheet, f"E{row}")
    assert rule
    assert "<=40" in str(rule.formula1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cells": {("key_figures", "trams", "value"): 1.0}}, "no place for"),
        ({"cells": {("key_figures", "buses_total", "colour"): 1.0}}, "no place for"),
        ({"cells": {("key_figures", "buses_total", "value"): float("nan")}}, "cannot hold nan"),
        ({"cells": {("emissions", "ghg_gpc_basic", "gwp_set"): "AR9"}}, "none of the choices"),
        ({"rows": {"ferries": [{"title": "x"}]}}, "which has 0"),
        ({"rows": {"plans": [{}] * 6}}, "6 rows are given for 'plans', which has 5"),
        ({"rows": {"plans": [{"colour": "x"}]}}, "name fields other than"),
    ],
)
def test_what_the_form_has_no_place_for_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        write_template(form(), replace(BLANK, **change))


def test_decimals_are_shown_only_where_there_are_any() -> None:
    sheet = workbook()["Nøgletal"]
    rules = {str(area.sqref): area.rules[0] for area in sheet.conditional_formatting}
    assert rules["E5:E24"].dxf.numFmt.formatCode == "#,##0.0##"
    assert sheet["E5"].number_format == "#,##0"
    assert workbook()["Udledninger"]["K11"].number_format == "#,##0.0##"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_keeps_everything_that_matters(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / "skabelon.xlsx"
    source.write_bytes(written())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    asked = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir"]
    subprocess.run([*asked, tmp_path, source], check=True, capture_output=True, timeout=120)
    saved = (tmp_path / "skabelon.xlsx").read_bytes()
    book = openpyxl.load_workbook(BytesIO(saved))
    assert book[IDENTITY_SHEET].sheet_state != "visible"
    for sheet in form().sheets:
        assert book[sheet.name].protection.sheet
    rule = validation(book["Nøgletal"], "G5")
    assert rule
    assert labels(book, rule)[0] == "Kommunens egen opgørelse"
    figure = validation(book["Nøgletal"], "E5")
    assert figure
    assert "E5<=5000" in str(figure.formula1)
    assert figure.prompt
    cells = read_workbook(open_archive("skabelon.xlsx", saved))
    reading = read_submission(cells, form(), catalogue().municipalities, 2026)
    assert reading.findings == ()


def test_a_form_without_amounts_explains_no_keys() -> None:
    registers = build_form("registers", catalogue())
    content = write_template(registers, Prefill("", "Sekretariatet", 2026, {}, {}))
    book = openpyxl.load_workbook(BytesIO(content))
    assert book.sheetnames[1:-2] == [sheet.name for sheet in registers.sheets]
    texts = {cell.value for row in book["Vejledning"].iter_rows() for cell in row}
    assert "Sekretariatet 2026" in texts
    assert not texts & {"NO", "NE", "IE", "C"}
