"""Files that would be read wrong without a word: refused, or asked about."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from ingestion.declaration import Source
from ingestion.drafting.sql_words import SQL_WORDS
from ingestion.errors import DeclarationError
from ingestion.geography import MUNICIPALITY_CODES
from ingestion.protocols import protocol_for
from orchestration.new_source import NewSource
from orchestration.registers import catalogue
from tests.ingestion.reading import cast_text
from tests.orchestration.test_new_file_source import declared, sample
from tests.orchestration.test_new_source import write

NAMES = catalogue().municipalities
Rows = list[list[Any]]


def table(header: list[str], row: Callable[[str], list[Any]]) -> Rows:
    """One row of every municipality; the figures are invented."""
    return [header, *(row(code) for code in MUNICIPALITY_CODES)]


def csv_file(rows: Rows, delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    return "".join(delimiter.join(map(str, row)) + "\r\n" for row in rows).encode(encoding)


def book(**sheets: Rows) -> bytes:
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def drafted(
    tmp_path: Path, content: bytes, name: str = "a.csv", **more: Any
) -> tuple[Source, NewSource]:
    new = write(tmp_path, "things", "file", file=sample(tmp_path, name, content), **more)
    return declared(tmp_path, new)[0], new


def asked(new: NewSource, words: str) -> bool:
    return any(words in line for line in new.to_decide)


def figures(source: Source, content: bytes) -> list[Any]:
    """The first measure as the declaration reads the file."""
    text = protocol_for(source).parse(source, content, {"file": "a"})
    read = cast_text(source, text)
    assert read.findings == ()
    return list(read.frame[source.measures[0].name])


THOUSANDS = table(["Kommunenr", "År", "Antal"], lambda c: [int(c), 2024, f"{int(c) % 9 + 1}.737"])


def test_what_may_be_thousands_or_a_fraction_is_asked_of_a_person(tmp_path: Path) -> None:
    content = csv_file(THOUSANDS)
    with pytest.raises(DeclarationError, match=r"nobody can tell whether 3\.737 is a whole number"):
        drafted(tmp_path, content)
    source, _new = drafted(tmp_path, content, decimal_mark=",")
    assert figures(source, content)[0] == 3737


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (
            csv_file(
                table(
                    ["Kommunenr", "År", "Grad", "MW"],
                    lambda c: [int(c), 2024, "55.67", f"2,{int(c) % 90 + 10}"],
                )
            ),
            "a.csv",
        ),
        (
            book(
                Data=table(
                    ["Kommunenr", "År", "Antal", "MW"], lambda c: [int(c), 2024, "1.25", "12,5"]
                )
            ),
            "a.xlsx",
        ),
    ],
)
def test_numbers_written_in_two_ways_are_refused(tmp_path: Path, content: bytes, name: str) -> None:
    with pytest.raises(DeclarationError, match="written in two ways"):
        drafted(tmp_path, content, name)


def test_numbers_of_a_workbook_need_no_mark(tmp_path: Path) -> None:
    rows = table(["Kommunenr", "År", "MW"], lambda c: [int(c), 2024, int(c) + 0.234])
    source, _new = drafted(tmp_path, book(Data=rows), "a.xlsx")
    assert figures(source, book(Data=rows))[0] == 101.234


def test_whole_figures_are_declared_whole_so_that_a_mark_that_comes_later_is_refused(
    tmp_path: Path,
) -> None:
    rows = table(["Kommunenr", "År", "Antal"], lambda c: [int(c), 2024, 5 + int(c) % 7])
    source, _new = drafted(tmp_path, csv_file(rows))
    assert source.measures[0].type == "integer"
    later = csv_file([*rows[:1], [101, 2025, "1.001"], *rows[2:]])
    read = cast_text(source, protocol_for(source).parse(source, later, {"file": "a"}))
    assert [(f.code, f.found) for f in read.findings] == [("number-form", "1.001")]


def test_a_table_in_every_sheet_is_asked_about(tmp_path: Path) -> None:
    rows = table(["Kommunenr", "År", "MW"], lambda c: [int(c), 2024, 1.5])
    _source, new = drafted(tmp_path, book(A2022=rows, A2023=rows, A2024=rows), "a.xlsx")
    assert asked(new, "tables stand in A2023, A2024 as well")


def test_two_columns_of_periods_and_two_of_codes_are_asked_about(tmp_path: Path) -> None:
    rows = table(
        ["Ejerkommunenr", "Kommunenr", "Opførelsesår", "År", "MW"],
        lambda c: [c, c, 1990, 2024, "1,5"],
    )
    source, new = drafted(tmp_path, csv_file(rows))
    assert asked(new, "År holds periods as well; is it this one?")
    assert asked(new, "Kommunenr holds municipalities as well; this one?")
    assert [m.name for m in source.measures] == ["aar", "mw"]


def test_figures_that_look_like_codes_do_not_hide_the_names(tmp_path: Path) -> None:
    rows = table(
        ["Kommune", "2021", "2022", "2023"], lambda c: [NAMES[c], int(c), int(c) + 1, int(c) + 2]
    )
    source, _new = drafted(tmp_path, csv_file(rows))
    assert source.municipality is not None
    assert source.municipality.by_name
    assert figures(source, csv_file(rows))[:3] == [101, 102, 103]
    numbered = table(["Nr", "Kommunenr", "År", "MW"], lambda c: [0, int(c), 2024, "1,5"])
    counted = [numbered[0], *([i, *row[1:]] for i, row in enumerate(numbered[1:] * 8, 1))]
    wide = [[*row[:2], 2017 + i // 98, row[3]] for i, row in enumerate(counted[1:])]
    source, _new = drafted(tmp_path / "b", csv_file([counted[0], *wide]))
    assert source.municipality is not None
    assert source.municipality.provider_name == "Kommunenr"


def test_a_sum_beside_turned_periods_is_left_out_and_asked_about(tmp_path: Path) -> None:
    rows = table(
        ["Kommune", "2021", "2022", "2023", "I alt"], lambda c: [NAMES[c], "1,5", "2,5", "3,5", 7]
    )
    source, new = drafted(tmp_path, csv_file(rows))
    assert [m.name for m in source.measures] == ["value"]
    assert asked(new, "figures beside those of single periods?")
    assert sum(figures(source, csv_file(rows))) == 98 * 7.5


def test_seasons_are_no_months(tmp_path: Path) -> None:
    rows = table(["Kommune", "2008-09", "2009-10", "2010-11"], lambda c: [NAMES[c], 1, 2, 3])
    with pytest.raises(DeclarationError, match="without a column of periods"):
        drafted(tmp_path, csv_file(rows))


def test_a_file_in_utf_16_is_read(tmp_path: Path) -> None:
    rows = table(["Kommune", "År", "Værdi"], lambda c: [NAMES[c], 2024, "1,5"])
    source, _new = drafted(tmp_path, csv_file(rows, encoding="utf-16"))
    assert figures(source, csv_file(rows, encoding="utf-16"))[0] == 1.5


@pytest.mark.parametrize("header", ["By", "Order", "Municipality", "Municipality code", "Year"])
def test_names_that_would_clash_are_made_to_differ(tmp_path: Path, header: str) -> None:
    rows = table(
        ["Kommunenr", "År", header, "MW"], lambda c: [int(c), 2024, f"x{int(c) % 3}", "1,5"]
    )
    source, new = drafted(tmp_path, csv_file(rows))
    names = [column.name for column in source.columns]
    staged = [*names, *(f"{c.name}_code" for c in source.columns if c.type == "code")]
    assert len(set(staged)) == len(staged)
    assert not set(names) & SQL_WORDS
    assert len(new.files) == 5


def test_turned_columns_may_be_called_as_ours(tmp_path: Path) -> None:
    rows = table(
        ["Kommune", "Period", "value", "2021", "2022", "2023"],
        lambda c: [NAMES[c], "x", "y", "1,5", "2,5", "3,5"],
    )
    source, _new = drafted(tmp_path, csv_file(rows))
    assert len(figures(source, csv_file(rows))) == 98 * 3


def test_a_cell_is_told_by_its_row_in_the_file_and_once(tmp_path: Path) -> None:
    rows = table(["Kommune", "2021", "2022", "2023"], lambda c: [NAMES[c], "1,5", "2,5", "3,5"])
    content = b"Eksempel\r\n\r\n" + csv_file(rows)
    source, _new = drafted(tmp_path, content)
    wrong = content.replace(b"Frederiksberg", b"Fredriksbjerg")
    read = cast_text(source, protocol_for(source).parse(source, wrong, {"file": "a"}))
    assert [(f.row + 1, f.found) for f in read.findings] == [(5, "Fredriksbjerg")]


def test_a_name_that_nobody_knows_is_told_when_the_file_is_drafted(tmp_path: Path) -> None:
    rows = table(["Kommune", "År", "MW"], lambda c: [NAMES[c], 2024, "1,5"])
    content = csv_file(rows).replace(b"Frederiksberg", b"Fredriksbjerg")
    with pytest.raises(DeclarationError, match=r"Fredriksbjerg.*municipality_aliases\.csv"):
        drafted(tmp_path, content)


def test_labels_of_things_are_the_key_of_a_register(tmp_path: Path) -> None:
    rows = table(
        ["Anlæg", "Kommune", "Idriftsat", "Effekt (kW)", "Andel (%)"],
        lambda c: [f"EX-{c}", NAMES[c], f"{int(c) % 28 + 1:02d}-05-2020", "1,5", "99,5"],
    )
    source, new = drafted(tmp_path, csv_file(rows))
    assert source.key == ["municipality_code", "entry_date", "anlaeg"]
    rules = (tmp_path / new.files[1]).read_text("utf-8")
    assert "one_row_for_each_anlaeg" in rules
    assert "andel_pct_sum" not in rules
    assert source.measures[1].maximum == 100
