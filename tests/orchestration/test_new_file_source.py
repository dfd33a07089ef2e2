"""A source that is written from a sample of a file: what is seen, what is asked, what it reads."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from pytest_httpserver import HTTPServer

from expectations import rules
from expectations.release_gate import judge_release
from ingestion.declaration import Source, load_source
from ingestion.drift import drifts
from ingestion.errors import AnswerError, DeclarationError, NotConfiguredError
from ingestion.geography import MUNICIPALITY_CODES
from ingestion.protocols import Access, Look, protocol_for
from ingestion.request import FileDropRequest
from orchestration.new_source import NewSource
from orchestration.registers import catalogue
from tests.ingestion.reading import NOW, cast_text, client, read_text
from tests.ingestion.samples import read_sample
from tests.orchestration.test_new_source import files_of, write

HEADER = ["Kommunenr", "Kommune", "År", "Anlæg", "Produktion (TJ)", "Andel (%)"]


def rows(code: str = "{}") -> list[list[Any]]:
    """Two kinds of plant in every municipality and two years."""
    return [
        [code.format(int(place)), f"Kommune {name_of(place)}", year, kind, 10.5 * i + 1, 12.25]
        for i, place in enumerate(MUNICIPALITY_CODES)
        for year in (2023, 2024)
        for kind in ("Varmeværk", "Kraftværk")
    ]


def name_of(code: str) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in code)


def csv_text(mark: str = ",", delimiter: str = ";") -> str:
    table = [delimiter.join(str(cell).replace(".", mark) for cell in row) for row in rows()]
    head = ["Energiproducenttællingen", "", delimiter.join(HEADER)]
    return "\r\n".join([*head, *table, "", "Kilde: Energistyrelsen"]) + "\r\n"


def workbook() -> bytes:
    book = Workbook()
    book.active.title = "Læs mig"
    book.active.append(["Om tallene"])
    sheet = book.create_sheet("Data")
    for row in [["Energiproducenttællingen"], [], HEADER, *rows()]:
        sheet.append([int(c) if isinstance(c, str) and c.isdigit() else c for c in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sample(folder: Path, name: str, content: bytes) -> Path:
    path = folder / "received" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


SAMPLES = {
    "danish.csv": csv_text().encode(),
    "latin.csv": csv_text().encode("cp1252"),
    "english.csv": csv_text(".", "\t").encode(),
    "book.xlsx": workbook(),
}


def declared(project: Path, new: NewSource) -> tuple[Source, FileDropRequest]:
    source = load_source(project / new.files[0])
    assert isinstance(source.request, FileDropRequest)
    return source, source.request


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_becomes_five_files_that_read_it(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sample(tmp_path, name, SAMPLES[name])
    new = write(tmp_path, "plants", "file", file=path)
    assert len(new.files) == 5
    source, request = declared(tmp_path, new)
    assert (request.format == "xlsx") == name.endswith("xlsx")
    assert request.left_out == ["Kommune"]
    assert source.key == ["municipality_code", "year", "anlaeg"]
    assert [c.name for c in source.measures] == ["produktion_tj", "andel_pct"]
    assert [c.unit for c in source.measures] == ["TJ", "%"]
    assert source.published_by is not None
    access = Access(client(), "", NOW, inbox=tmp_path / "inbox")
    with pytest.raises(NotConfiguredError, match="inbox/file_plants"):
        read_text(source, access)
    drop = tmp_path / "inbox" / source.id / path.name
    drop.parent.mkdir(parents=True)
    drop.write_bytes(SAMPLES[name])
    read = cast_text(source, read_text(source, access))
    assert read.findings == ()
    assert len(read.frame) == 98 * 2 * 2
    assert read.frame["andel_pct"].unique().tolist() == [12.25]
    monkeypatch.setattr(rules, "FOLDER", tmp_path / "expectations")
    judged = judge_release(read.frame, source, None)
    assert "country_magnitude_produktion_tj" in {j.rule.id for j in judged}
    assert [j.rule.id for j in judged if not j.passed] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sample_is_small_and_is_read_by_the_declaration(tmp_path: Path, name: str) -> None:
    new = write(tmp_path, "plants", "file", file=sample(tmp_path, name, SAMPLES[name]))
    path = tmp_path / new.files[4]
    assert path.stat().st_size < 100_000
    assert len(read_sample(path, declared(tmp_path, new)[0]).frame) > 300


def test_whose_figures_they_are_is_asked_unless_the_provider_is_known(tmp_path: Path) -> None:
    path = sample(tmp_path, "a.csv", SAMPLES["danish.csv"])
    unlisted = write(tmp_path, "plants", "geus", file=path)
    listed = write(tmp_path, "plants", "energistyrelsen", file=path)
    assert any("who made the figures" in line for line in unlisted.to_decide)
    assert not any("who made the figures" in line for line in listed.to_decide)
    assert declared(tmp_path, listed)[0].publisher.producer == "Energistyrelsen"


def test_a_file_on_a_page_is_found_by_its_link(tmp_path: Path, httpserver: HTTPServer) -> None:
    page = '<a href="/f/plants-2024.csv">2024</a> <a href="/f/plants-2025.csv">2025</a>'
    httpserver.expect_request("/page").respond_with_data(page, content_type="text/html")
    httpserver.expect_request("/f/plants-2025.csv").respond_with_data(csv_text().encode())
    where = {"page": httpserver.url_for("/page"), "link": r"plants-(\d{4})\.csv"}
    new = write(tmp_path, "plants", "file", **where)
    source, request = declared(tmp_path, new)
    assert (request.page, request.link) == tuple(where.values())
    told = json.loads((tmp_path / new.files[4]).read_text(encoding="utf-8"))
    assert told["url"] == httpserver.url_for("/f/plants-2025.csv")
    read = cast_text(source, read_text(source, Access(client(), "", NOW)))
    assert len(read.frame) == 98 * 2 * 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Kommune;År;Tal\nKøbenhavn;2024;1\n", "no column holds the codes"),
        (csv_text().replace(";2023;", ";før;").replace(";2024;", ";nu;"), "None of .* holds years"),
        (csv_text().replace("Kraftværk", "Varmeværk"), "Several rows bear 101, 2023, Varmeværk"),
    ],
    ids=["no names either", "no periods", "no key"],
)
def test_a_file_that_cannot_be_a_source_is_told(tmp_path: Path, text: str, why: str) -> None:
    path = sample(tmp_path, "a.csv", text.encode())
    with pytest.raises(DeclarationError, match=why):
        write(tmp_path, "plants", "file", file=path)
    assert files_of(tmp_path) == ["received/a.csv"]


def test_without_a_sample_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="a sample is needed"):
        write(tmp_path, "plants", "file")


TURBINES = ["Møllenummer (GSRN)", "Park", "Dato for tilslutning", "Dato for afmelding"]
TURBINES += ["Kapacitet (kW)", "Kommune", "Placering", "2026-01", "2026-02", "2026-03"]


def turbines() -> list[list[Any]]:
    """Invented: two turbines in every municipality, the second at sea and taken down in some."""
    names = catalogue().municipalities
    spelt = {"0101": "Københavns Kommune", "0751": "Århus", "0630": "VEJLE\u00a0Kommune"}
    return [
        [
            f"5707150000000{code}{number}",
            "" if number else f"P{code}",
            date(1990 + int(code) % 35, 1 + number, 7),
            date(2024, 5, 31) if number and code.endswith("1") else None,
            750 + 10 * int(code) % 977,
            spelt.get(code, names[code]),
            "HAV" if number else "LAND",
            *(None if number else 1000.5 for _ in range(3)),
        ]
        for code in MUNICIPALITY_CODES
        for number in range(2)
    ]


def register_book() -> bytes:
    book = Workbook()
    book.active.title = "Vinddata"
    for row in [["Stamdataregister, eksempel"], [], TURBINES, *turbines(), [], ["Kilde: eksempel"]]:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def register_csv() -> bytes:
    """The same as a Danish spreadsheet saves it: days come first."""
    lines = [
        [f"{c:%d-%m-%Y}" if isinstance(c, date) else "" if c is None else str(c) for c in row]
        for row in turbines()
    ]
    text = "\r\n".join(";".join(cells).replace(".", ",") for cells in [TURBINES, *lines])
    return f"{text}\r\n".encode("cp1252")


@pytest.mark.parametrize("name", ["register.xlsx", "register.csv"])
def test_a_register_of_things_by_name_of_municipality_is_a_source(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = register_book() if name.endswith("xlsx") else register_csv()
    new = write(tmp_path, "turbines", "file", file=sample(tmp_path, name, content))
    source, request = declared(tmp_path, new)
    assert (source.municipality and source.municipality.by_name) is True
    assert source.period.name == "entry_date"
    assert source.key == ["municipality_code", "entry_date", "moellenummer_gsrn"]
    assert [(m.name, m.unit) for m in source.measures] == [("kapacitet_kw", "kW")]
    assert request.leaves_out("2026-04")
    assert request.dates == ("iso" if name.endswith("xlsx") else "danish")
    asked = "\n".join(new.to_decide)
    assert "is this the day on which a row came about?" in asked
    assert "names that are missing belong in municipality_aliases" in asked

    drop = tmp_path / "inbox" / source.id / name
    drop.parent.mkdir(parents=True)
    drop.write_bytes(content)
    access = Access(client(), "", NOW, inbox=tmp_path / "inbox")
    read = cast_text(source, read_text(source, access))
    assert read.findings == ()
    frame = read.frame.set_index("moellenummer_gsrn")
    assert frame["municipality_code"].nunique() == 98
    first = frame.loc["570715000000001010"]
    assert (first["municipality_code"], first["entry_date"]) == ("0101", f"{1990 + 101 % 35}-01-07")
    assert frame.loc["570715000000001011", "dato_for_afmelding"] == "2024-05-31"
    assert frame["dato_for_afmelding"].isna().sum() > 98
    assert frame["park"].isna().sum() == 98
    monkeypatch.setattr(rules, "FOLDER", tmp_path / "expectations")
    assert [j.rule.id for j in judge_release(read.frame, source, read.frame) if not j.passed] == []
    fewer = read.frame[read.frame["municipality_code"] != "0101"]
    failed = {j.rule.id for j in judge_release(fewer, source, None) if not j.passed}
    assert failed == {"every_municipality"}
    model = (tmp_path / new.files[2]).read_text("utf-8")
    assert "cast(dato_for_afmelding as date) as dato_for_afmelding" in model


def test_a_name_that_nobody_knows_is_told_with_where_it_belongs(tmp_path: Path) -> None:
    path = sample(tmp_path, "register.csv", register_csv())
    source, _request = declared(tmp_path, write(tmp_path, "turbines", "file", file=path))
    text = path.read_bytes().decode("cp1252").replace("Århus", "Århuus", 1)
    misspelt = cast_text(
        source,
        protocol_for(source).parse(source, text.encode("cp1252"), {"file": "register.csv"}),
    )
    assert [f.found for f in misspelt.findings] == ["Århuus"]
    assert "municipality_aliases" in misspelt.findings[0].message


def test_areas_that_are_no_municipality_are_set_aside_by_name_too(tmp_path: Path) -> None:
    path = sample(tmp_path, "register.csv", register_csv())
    source, _request = declared(tmp_path, write(tmp_path, "turbines", "file", file=path))
    text = path.read_bytes().decode("cp1252")
    line = text.splitlines()[1]
    for place, number in (("Hele landet", "1"), ("Region Midtjylland", "2"), ("Christiansø", "3")):
        text += line.replace("Københavns Kommune", place).replace("5707150", f"{number}707150")
        text += "\r\n"
    content = text.encode("cp1252")
    read = cast_text(source, protocol_for(source).parse(source, content, {"file": "r.csv"}))
    assert (read.findings, read.rows_set_aside, len(read.frame)) == ((), 3, 196)


@pytest.mark.parametrize("day", ["2024-31-05", "31-13-2024", "30.02.2024", "1-2-24", "31-05/2024"])
def test_what_is_no_day_is_a_finding(tmp_path: Path, day: str) -> None:
    path = sample(tmp_path, "register.csv", register_csv())
    source, _request = declared(tmp_path, write(tmp_path, "turbines", "file", file=path))
    content = path.read_bytes().replace(b"31-05-2024", day.encode(), 1)
    read = cast_text(source, protocol_for(source).parse(source, content, {"file": "r.csv"}))
    assert [(f.code, f.found) for f in read.findings] == [("period-form", day)]


def side_by_side(*years: int) -> bytes:
    """Invented: one figure of every municipality and year, a column for each year."""
    head = ["Kommune", "Art", *map(str, years)]
    lines = [
        [name, kind, *(f"{int(code) / 10 + year - 2000:.1f}".replace(".", ",") for year in years)]
        for code, name in catalogue().municipalities.items()
        for kind in ("el", "varme")
    ]
    table = "\r\n".join(";".join(cells) for cells in [head, *lines])
    return f"Energi i kommunerne, eksempel\r\n\r\n{table}\r\n".encode()


def test_figures_that_stand_side_by_side_are_turned_into_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sample(tmp_path, "wide.csv", side_by_side(2021, 2022, 2023))
    new = write(tmp_path, "energy_figures", "file", file=path)
    source, request = declared(tmp_path, new)
    assert request.turned is not None
    assert (source.key, source.period.type) == (["municipality_code", "year", "art"], "year")
    assert any("are periods, one row each" in line for line in new.to_decide)
    assert len(read_sample(tmp_path / new.files[4], source).frame) == 98 * 2 * 3

    later = side_by_side(2021, 2022, 2023, 2024)
    read = cast_text(source, protocol_for(source).parse(source, later, {"file": "wide.csv"}))
    assert read.findings == ()
    assert len(read.frame) == 98 * 2 * 4, "a new year is no drift"
    figures = read.frame.set_index(["municipality_code", "year", "art"])["value"]
    assert figures["0101", 2024, "el"] == 34.1
    monkeypatch.setattr(rules, "FOLDER", tmp_path / "expectations")
    assert [j.rule.id for j in judge_release(read.frame, source, None) if not j.passed] == []
    shape = protocol_for(source).shape(source, Look(""), later)
    assert drifts(source, shape, None) == []
    without = side_by_side()
    with pytest.raises(AnswerError, match="missing period, value"):
        cast_text(source, protocol_for(source).parse(source, without, {"file": "wide.csv"}))
