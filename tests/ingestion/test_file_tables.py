"""Tables in files as people make them: titles above, notes below, workbooks, headers that move."""

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from ingestion.casting import Cast, require_no_findings
from ingestion.declaration import Source
from ingestion.errors import AnswerError
from ingestion.protocols import file_drop
from tests.ingestion.reading import cast_text
from tests.ingestion.test_casting import table

HEADER = ["AREA", "KIND", "TID", "N", "X"]
ROWS: list[list[Any]] = [[101, "A", 2024, 1234, 1234.5], ["0860", "B", 2024, "..", -7]]
DANISH = {"delimiter": ";", "encoding": "utf-8"}


def source(**request: Any) -> Source:
    common = {"protocol": "file_drop", "decimal_mark": ",", "header_within": 10}
    return table(request={**common, **request})


def of_csv(text: str, **request: Any) -> Cast:
    declared = source(**DANISH, **request)
    return cast_text(declared, file_drop.parse(declared, text.encode(), {"file": "a.csv"}))


def workbook(*rows: list[Any], sheet: str = "Data", merged: str | None = None) -> bytes:
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def of_xlsx(content: bytes, **request: Any) -> Cast:
    declared = source(format="xlsx", sheet="Data", **request)
    return cast_text(declared, file_drop.parse(declared, content, {"file": "a.xlsx"}))


def numbers(read: Cast) -> list[Any]:
    require_no_findings(read, source(**DANISH))
    return [*read.frame["number"].to_list()[:1], *read.frame["amount"].to_list()]


GRID = "AREA;KIND;TID;N;X\n101;A;2024;1234;1234,5\n860;B;2024;..;-7\n"
SEEN = [1234, 1234.5, -7.0]


def test_a_table_below_titles_and_above_notes_is_found() -> None:
    text = f"Energi i kommunerne;;;;\n\nHentet;2025-03-01\n{GRID};;;;\nKilde: Energistyrelsen\n"
    assert numbers(of_csv(text)) == SEEN


@pytest.mark.parametrize("moved", [0, 1, 5, 9])
def test_a_header_that_moved_within_its_limit_is_found(moved: int) -> None:
    assert numbers(of_csv("titel\n" * moved + GRID)) == SEEN


def test_a_header_that_moved_too_far_says_what_to_edit() -> None:
    with pytest.raises(AnswerError, match=r"no header in the first 10 rows.*header_within"):
        of_csv("titel\n" * 10 + GRID)


def test_odd_spaces_and_invisible_letters_in_a_header_are_no_drift() -> None:
    assert numbers(of_csv(GRID.replace("AREA;KIND", "\u200bAREA ;\u00a0KIND"))) == SEEN


def test_columns_are_told_apart_by_name_and_not_by_order() -> None:
    text = "X;N;TID;KIND;AREA\n1234,5;1234;2024;A;101\n-7;..;2024;B;860\n"
    assert numbers(of_csv(text)) == SEEN


def test_columns_that_are_left_out_may_come_and_go() -> None:
    wide = "AREA;Kommune;KIND;TID;N;X\n101;Kbh;A;2024;1234;1234,5\n860;Hjørring;B;2024;..;-7\n"
    assert numbers(of_csv(wide, left_out=["Kommune"])) == SEEN
    assert numbers(of_csv(GRID, left_out=["Kommune"])) == SEEN


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        (GRID.replace(";X", ";Y"), "column-missing", "missing X; unknown Y"),
        (GRID.replace("N;X", "X;X"), "header-twice", "has X twice"),
        (GRID + ";;;;\n101;B;2024;1;1\n", "table-broken", "blank row 4, but row 5 looks"),
        (GRID + ";;;;\n101;;2024;1;\n", "table-broken", "blank row 4, but row 5 looks"),
        (
            'AREA;KIND;TID;N;X\n101;";2024;1;1\n860;";2024;2;2\n',
            "answer-csv",
            "row 2 holds a line break",
        ),
        (GRID.replace("\n", ";\n", 1).replace("5\n", "5;9\n"), "answer-csv", "row 2"),
        ("AREA;KIND;TID;N;X\n;;;;\n", "answer-no-rows", "no rows below"),
        (
            "AREA;KIND;TID;N;X;;Z\n101;A;2024;1;1;9;1\n",
            "header-empty",
            "column 6 has cells but no name",
        ),
    ],
)
def test_what_would_be_lost_unseen_is_refused(text: str, code: str, told: str) -> None:
    with pytest.raises(AnswerError, match=told) as refused:
        of_csv(text, left_out=["Z"])
    assert refused.value.code == code


def test_a_workbook_is_read_as_a_person_sees_it() -> None:
    content = workbook(["Energi"], [], HEADER, *ROWS, [], ["Kilde: Energistyrelsen"])
    assert numbers(of_xlsx(content)) == SEEN


def test_a_merged_title_above_the_header_is_no_obstacle() -> None:
    assert numbers(of_xlsx(workbook(["Energi"], HEADER, *ROWS, merged="A1:E1"))) == SEEN


def test_a_merged_cell_within_the_table_is_refused() -> None:
    with pytest.raises(AnswerError, match="A2 belongs to the merged cells A2:A3") as refused:
        of_xlsx(workbook(HEADER, *ROWS, merged="A2:A3"))
    assert refused.value.code == "cell-merged"


def test_shares_shown_in_per_cent_are_read_in_per_cent() -> None:
    book = Workbook()
    book.active.title = "Data"
    for row in [HEADER, [101, "A", 2024, 1, 0.07]]:
        book.active.append(row)
    book.active["E2"].number_format = "0%"
    file = io.BytesIO()
    book.save(file)
    assert of_xlsx(file.getvalue()).frame["amount"].to_list() == [7.0]


@pytest.mark.parametrize("shape", ["#,##0,", '0.0,,"mio."'])
def test_a_number_that_is_shown_scaled_is_refused(shape: str) -> None:
    book = Workbook()
    book.active.title = "Data"
    for row in [HEADER, [101, "A", 2024, 1, 12_000]]:
        book.active.append(row)
    book.active["E2"].number_format = shape
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(AnswerError, match="E2 is shown as") as refused:
        of_xlsx(file.getvalue())
    assert refused.value.code == "cell-scaled"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("=1+1", "E2 is a formula without a stored value"),
        (date(2024, 1, 1), "2024-01-01"),
        ("#N/A", "E2 is the error #N/A"),
    ],
)
def test_a_cell_that_is_no_number_is_told(cell: Any, found: str) -> None:
    content = workbook(HEADER, [101, "A", 2024, 1, cell])
    with pytest.raises(AnswerError, match=found):
        require_no_findings(of_xlsx(content), source(**DANISH))


def test_another_sheet_name_is_told_with_those_there_are() -> None:
    with pytest.raises(AnswerError, match="no sheet 'Data'; there are 'Ark1'") as refused:
        of_xlsx(workbook(HEADER, *ROWS, sheet="Ark1"))
    assert refused.value.code == "sheet-missing"


def test_a_file_that_is_no_workbook_is_refused_by_the_limited_reader() -> None:
    with pytest.raises(AnswerError) as refused:
        of_xlsx(GRID.encode())
    assert refused.value.code == "file-type-mismatch"


def test_a_cell_at_the_far_end_of_a_sheet_is_refused_before_room_is_made() -> None:
    book = Workbook()
    book.active.title = "Data"
    book.active["XFD1048576"] = 1
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(AnswerError) as refused:
        of_xlsx(file.getvalue())
    assert refused.value.code == "sheet-range-too-large"


@pytest.mark.parametrize(
    "request_fields",
    [
        {"delimiter": ";"},
        {"format": "xlsx"},
        {"format": "xlsx", "sheet": "Data", "encoding": "utf-8"},
        {**DANISH, "sheet": "Data"},
        {**DANISH, "page": "https://example.org"},
    ],
)
def test_half_a_dialect_is_no_declaration(request_fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"needs|go together"):
        source(**request_fields)
