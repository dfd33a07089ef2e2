"""Bundles of CSV files: what is read, what is refused, and that writing and reading cancel out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.submissions.archive import RefusedError, open_archive
from ingestion.submissions.cells import Cell, FileCells, SheetCells
from ingestion.submissions.csv_bundle import read_bundle, write_bundle
from tests.ingestion.submissions.packing import ZIP, bundle, zipped


def read(content: bytes) -> FileCells:
    return read_bundle(open_archive(ZIP, content))


def grid(text: str | bytes) -> dict[tuple[int, int], object]:
    """The cells of one CSV file."""
    file = read(bundle(Ark=text))
    assert file.door == "csv_bundle"
    assert all(cell.kind == "text" for cell in file.sheets[0].cells.values())
    return {place: cell.value for place, cell in file.sheets[0].cells.items()}


@pytest.mark.parametrize("start", ["", "\ufeff", "sep=;\n"], ids=["bare", "mark", "hint"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_a_grid_is_read_however_its_lines_end(start: str, ending: str) -> None:
    text = start.replace("\n", ending) + ending.join(["Titel;", "", "Kode;Værdi", "a;1.234,5", ""])
    assert grid(text) == {
        (1, 1): "Titel",
        (3, 1): "Kode",
        (3, 2): "Værdi",
        (4, 1): "a",
        (4, 2): "1.234,5",
    }


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"a;b"', "a;b"),
        ('"a\nb"', "a\nb"),
        ('"siger ""ja"""', 'siger "ja"'),
        ('5" rør', '5" rør'),
        ("  luft ", "  luft "),
        ("'=SUM(A1)", "=SUM(A1)"),
        ("''=x", "'=x"),
        ("'-12", "-12"),
        ("-12", "-12"),
        ("=1+1", "=1+1"),
        ("'tal'", "'tal'"),
        ("'", "'"),
    ],
)
def test_a_cell_is_read_as_it_was_meant(written: str, expected: str) -> None:
    assert grid(f"x;{written}\n") == {(1, 1): "x", (1, 2): expected}


def test_a_file_named_with_spaces_or_loose_accents_is_the_sheet_it_means() -> None:
    file = read(zipped({" Ma\u030al .csv": "a;b", "x" * 150 + ".csv": "a;b"}))
    assert [sheet.name for sheet in file.sheets] == ["Mål", "x" * 100]


@pytest.mark.parametrize(
    ("name", "shown"), [("Nøgletal.csv", "Nøgletal.csv"), ("Anders And.csv", "…")]
)
def test_only_the_forms_own_files_are_named_in_a_refusal(name: str, shown: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read(zipped({name: "Nøgle;tal".encode("latin-1")}))
    assert refused.value.finding().found == shown


@pytest.mark.parametrize("text", ["", "\n\n", ";;\n;;\n", '"";""\n'])
def test_a_file_without_content_is_a_sheet_without_cells(text: str) -> None:
    assert grid(text) == {}


@pytest.mark.parametrize(
    "text",
    ["Sådan udfyldes skemaet, trin for trin\n", "a;1,5\n", "1,5;2,5\n3,5;4,5\n", '"a,b";c\n'],
)
def test_commas_in_words_and_numbers_are_no_delimiters(text: str) -> None:
    assert grid(text)


def test_sheets_keep_their_names_and_order() -> None:
    file = read(zipped({"mappe/Nøgletal.csv": "a;b", "_skabelon.CSV": "c;d", "læs.txt": "x"}))
    assert [sheet.name for sheet in file.sheets] == ["Nøgletal", "_skabelon"]


def test_a_file_with_too_many_cells_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        read(bundle(**{f"Ark{n}": ("x;" * 400 + "\n") * 600 for n in range(2)}))
    assert refused.value.code == "file-too-much-content"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Cell("number", 1234.0), "1234"),
        (Cell("number", 1234.5), "1234,5"),
        (Cell("number", 1.234), "1,2340"),
        (Cell("number", -0.001), "-0,0010"),
        (Cell("number", 1e-7), "0,0000001"),
        (Cell("number", 1e21), "1000000000000000000000"),
        (Cell("number", 0.35, "0%"), "35 %"),
        (Cell("number", 0.1234, "0.00%"), "12,34 %"),
        (Cell("boolean", True), "SAND"),
        (Cell("date", "2026-11-24"), "2026-11-24"),
        (Cell("error", "#DIV/0!"), "#DIV/0!"),
        (Cell("formula", None), "#FORMEL!"),
    ],
)
def test_a_value_is_written_so_that_it_means_one_thing(cell: Cell, expected: str) -> None:
    file = FileCells((SheetCells("Ark", {(2, 3): cell}),))
    assert read(write_bundle(file)).sheets[0].cells == {(2, 3): Cell("text", expected)}


@pytest.mark.parametrize("start", "=+-@\t\r")
def test_text_that_a_spreadsheet_would_run_is_neutralised(start: str) -> None:
    file = FileCells((SheetCells("Ark", {(1, 1): Cell("text", f"{start}cmd")}),))
    written = open_archive(ZIP, write_bundle(file)).parts["Ark.csv"].decode()
    assert written.removeprefix("\ufeff").lstrip('"').startswith(f"'{start}cmd")


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
STARTS = st.sampled_from(["", "=", "+", "-", "@", "\t", "\r", "'", "'=", "''-", '"', ";", "\ufeff"])
CELLS = st.dictionaries(
    st.tuples(st.integers(1, 6), st.integers(1, 4)), st.builds(str.__add__, STARTS, TEXTS)
)


@settings(max_examples=150, deadline=None)
@given(CELLS)
def test_what_is_written_is_read_back_exactly(texts: dict[tuple[int, int], str]) -> None:
    cells = {place: Cell("text", text) for place, text in texts.items()}
    # A second column keeps semicolons in the file: a sheet of one column has none to be seen.
    cells = {**cells, (1, 9): Cell("text", "slut")}
    read_back = read(write_bundle(FileCells((SheetCells("Ark", cells),))))
    assert read_back.sheets[0].cells == cells


def test_the_same_sheets_give_the_same_bytes() -> None:
    one, two = (SheetCells(name, {(1, 1): Cell("text", name)}) for name in ("Ærø", "Aars"))
    first, second = write_bundle(FileCells((one, two))), write_bundle(FileCells((two, one)))
    assert first == second
    assert [sheet.name for sheet in read(first).sheets] == ["Aars", "Ærø"]


@pytest.mark.parametrize("base", ["", "næstved-2025-", "min fil-"])
def test_sheets_are_known_as_a_spreadsheet_program_names_what_it_saves(base: str) -> None:
    names = ("Nøgletal", "Klimaplan og mål", "_skabelon")
    file = read(zipped({f"{base}{name}.csv": "a;b\n" for name in names}))
    assert [sheet.name for sheet in file.sheets] == list(names)
