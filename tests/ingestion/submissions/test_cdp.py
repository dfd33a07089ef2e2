"""A CDP export: Danish rows become readings, taken in whole or refused with place and reason."""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.submissions.archive import RefusedError
from ingestion.submissions.catalogue import read_catalogue
from ingestion.submissions.cdp import MOST_REPORTS, dialect, read_cdp, read_export
from ingestion.submissions.facts import Reading
from ingestion.submissions.findings import codes, is_acceptable

ROOT = Path(__file__).resolve().parents[3]
RECORDED = ROOT.parent / "shared/data/recorded/cdp/DK_only_2018-2019.csv"
KNOWN = read_catalogue(ROOT / "dbt_project" / "seeds")
HEADER = {
    "Year Reported to CDP": "2019",
    "Account Number": "60433",
    "Organization": "City of Hvidovre",
    "City": "Hvidovre",
    "Country": "Denmark",
    "Access": "public",
    "Accounting Year": "2017-01-01 - 2017-12-31",
    "Inventory Boundary": "Same – covers entire city and nothing else",
    "Total BASIC Emissions (GPC)": "245337",
    "Total BASIC+ Emissions (GPC)": "264098.5",
    "\u200bLand area (in square km)": "23",
}


def export(*rows: dict[str, str], header: list[str] | None = None) -> bytes:
    """An export with the given rows, each a good one with changes."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header or list(HEADER))
    writer.writerows([list({**HEADER, **row}.values()) for row in rows])
    return text.getvalue().encode()


def read(content: bytes) -> list[Reading]:
    return read_cdp(read_export(content), KNOWN.municipalities, KNOWN.aliases)


def read_one(**changes: str) -> Reading:
    names = {name.replace(" ", "_").lower(): name for name in HEADER}
    named = {
        next(full for short, full in names.items() if short.startswith(key)): value
        for key, value in changes.items()
    }
    (reading,) = read(export(named))
    return reading


def told(reading: Reading) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.cell) for finding in reading.findings]


def errors(reading: Reading) -> list[tuple[str, str | None]]:
    return [(f.code, f.cell) for f in reading.findings if f.severity == "error"]


def test_a_row_becomes_two_totals_with_their_cells() -> None:
    reading = read_one()
    assert reading.identity is not None
    assert reading.identity.entries() | {"checksum": ""} == {
        "form_id": "cdp",
        "form_version": "1",
        "municipality_code": "0167",
        "year": "2017",
        "checksum": "",
    }
    facts = [(f.block, f.row_key, f.field, f.sheet, f.cell, f.number) for f in reading.facts]
    assert facts == [
        ("emissions", "ghg_gpc_basic", "value", "CDP", "I2", 245337),
        ("emissions", "ghg_gpc_basic_plus", "value", "CDP", "J2", 264098.5),
    ]


def test_the_gwp_set_that_cdp_does_not_ask_for_is_a_warning() -> None:
    reading = read_one()
    assert told(reading) == [("gwp-set-not-stated", "I2")]
    assert is_acceptable(reading.findings)
    assert not any(fact.field == "gwp_set" for fact in reading.facts)


@pytest.mark.parametrize("total", ["total_basic_", "total_basic+"])
def test_one_total_alone_is_a_report(total: str) -> None:
    reading = read_one(**{total: ""})
    assert len(reading.facts) == 1
    assert errors(reading) == []


@pytest.mark.parametrize(
    ("changes", "code", "cell"),
    [
        ({"inventory": "A metropolitan area"}, "cdp-boundary-not-municipal", "H2"),
        ({"inventory": "Larger – covers the whole city"}, "cdp-boundary-not-municipal", "H2"),
        ({"inventory": ""}, "cdp-boundary-not-municipal", "H2"),
        ({"organization": "City of Ærøskøbing", "city": "Ærøskøbing"}, "cdp-city-unknown", "C2"),
        ({"organization": "Aarhus Kommune"}, "cdp-city-unknown", "C2"),
        ({"accounting": ""}, "cdp-accounting-year-missing", "G2"),
        ({"accounting": "-"}, "cdp-accounting-year-missing", "G2"),
        ({"accounting": "sidste år"}, "cdp-accounting-year-missing", "G2"),
        ({"accounting": "2016-07-01 - 2017-06-30"}, "cdp-accounting-year-not-calendar", "G2"),
        ({"accounting": "2016-01-01 - 2017-12-31"}, "cdp-accounting-year-not-calendar", "G2"),
        ({"access": "non-public"}, "cdp-not-public", "F2"),
        ({"total_basic_": "Not Applicable"}, "number-unreadable", "I2"),
        ({"total_basic_": "245.337"}, "number-ambiguous", "I2"),
        ({"total_basic_": "245,337"}, "number-ambiguous", "I2"),
        ({"total_basic_": "0"}, "cdp-zero-for-missing", "I2"),
        ({"total_basic+": "0"}, "cdp-zero-for-missing", "J2"),
        ({"total_basic+": "1000"}, "cdp-basic-plus-below-basic", "J2"),
        ({"total_basic_": "", "total_basic+": ""}, "cdp-totals-missing", "I2"),
    ],
)
def test_what_cannot_be_the_municipalitys_figure_is_refused_at_its_cell(
    changes: dict[str, str], code: str, cell: str
) -> None:
    reading = read_one(**changes)
    assert errors(reading) == [(code, cell)]
    assert {finding.sheet for finding in reading.findings} == {"CDP"}
    assert not is_acceptable(reading.findings)


def test_a_row_without_totals_is_told_once_whatever_else_it_lacks() -> None:
    lacking = {"accounting": "", "inventory": "", "total_basic_": "", "total_basic+": ""}
    reading = read_one(**lacking)
    assert told(reading) == [("cdp-totals-missing", "I2")]
    assert reading.identity is None


@pytest.mark.parametrize(
    ("organization", "city", "code"),
    [
        ("City of Copenhagen", "Copenhagen", "0101"),
        ("Municipality of Hjørring", "Hjørring", "0860"),
        ("Helsingør Kommune / Elsinore Municipality", "", "0217"),
        ("Hoeje-Taastrup Kommune", "Hoeje-Taastrup", "0169"),
        ("", "Køge", "0259"),
        ("Ministry of\u00a0Nothing", "A\u030arhus", "0751"),
    ],
)
def test_cities_are_known_by_every_spelling_of_the_register(
    organization: str, city: str, code: str
) -> None:
    reading = read_one(organization=organization, city=city)
    assert reading.identity is not None
    assert reading.identity.municipality_code == code


def test_headers_are_known_through_odd_spaces_other_years_and_any_order() -> None:
    renamed = {
        "Inventory Boundary": "Inventory boundary (compared to Administrative\u00a0city boundary)",
        "Total BASIC Emissions (GPC)": "\u200bTOTAL BASIC Emissions (GPC) ",
        "Total BASIC+ Emissions (GPC)": "TOTAL  BASIC+ Emissions (GPC)",
        "Accounting Year": "Accounting year\ufeff",
    }
    header = [renamed.get(name, name) for name in HEADER]
    (reading,) = read(export({}, header=header))
    assert errors(reading) == []
    assert len(reading.facts) == 2
    turned = [line[::-1] for line in csv.reader(io.StringIO(export({}).decode()))]
    text = io.StringIO()
    csv.writer(text).writerows(turned)
    (reading,) = read(text.getvalue().encode())
    assert [fact.cell for fact in reading.facts] == ["C2", "B2"]


def test_a_missing_column_refuses_the_file_by_name() -> None:
    header = [name.replace("Accounting Year", "Year") for name in HEADER]
    (reading,) = read(export({}, header=header))
    (finding,) = reading.findings
    assert (finding.code, finding.field) == ("header-missing", "accounting_year")
    assert "Accounting Year" in finding.text_da


def test_other_countries_are_not_ours() -> None:
    readings = read(export({"Country": "Sweden"}, {}, {"Country": "France"}))
    assert [fact.cell for reading in readings for fact in reading.facts] == ["I3", "J3"]


def test_a_later_report_of_the_same_year_comes_after_the_earlier() -> None:
    later, earlier = {"Year Reported to CDP": "2019"}, {"Year Reported to CDP": "2018"}
    readings = read(export(later, earlier))
    assert [reading.facts[0].cell for reading in readings] == ["I3", "I2"]


def test_the_same_row_twice_is_refused_the_second_time() -> None:
    first, second = read(export({}, {}))
    assert errors(first) == []
    assert errors(second) == [("row-duplicate", "C3")]
    assert second.municipality_code == "0167"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"accounting": ""}, "0167"),
        ({"accounting": "", "total_basic_": "", "total_basic+": ""}, "0167"),
        ({"organization": "Aarhus Kommune"}, None),
    ],
)
def test_a_refused_row_says_whose_it_is_when_that_is_known(
    changes: dict[str, str], code: str | None
) -> None:
    reading = read_one(**changes)
    assert (reading.identity, reading.municipality_code) == (None, code)


def test_cells_are_counted_as_a_spreadsheet_shows_them() -> None:
    note = {"\u200bLand area (in square km)": "to\nlinjer"}
    readings = read(export(note, {"Accounting Year": "2016-01-01 - 2016-12-31"}))
    assert [reading.facts[0].cell for reading in readings] == ["I2", "I3"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "cdp-delimiter"),
        (b"\n\na,b", "cdp-delimiter"),
        (export({}).replace(b",", b";"), "cdp-delimiter"),
        (export({}).decode().encode("utf-16"), "csv-encoding"),
        (export({}).decode().encode("utf-16-le"), "csv-encoding"),
        ("Organization,ø".encode("latin-1"), "csv-encoding"),
        (export({}) + b'"open,', "csv-unreadable"),
        (b"1,2,3,4,5\n" * 80_001, "file-too-much-content"),
        (b"a,b" + b"\n" * 200_000 + b"1,2\n", "sheet-range-too-large"),
        (b"a," * 500 + b"a\n", "sheet-range-too-large"),
    ],
)
def test_a_file_that_is_no_export_is_refused_as_a_whole(content: bytes, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_export(content)
    assert refused.value.code == code
    assert refused.value.finding().sheet in (None, "CDP")


def test_more_reports_than_there_can_be_are_refused_as_a_whole() -> None:
    header, row = export({}).splitlines()
    (reading,) = read(b"\n".join([header, *[row] * (MOST_REPORTS + 1)]))
    assert [finding.code for finding in reading.findings] == ["file-too-much-content"]
    assert (reading.identity, reading.facts) == (None, ())


def test_blank_rows_and_cells_are_skipped_and_row_numbers_stay_true() -> None:
    (sheet,) = read_export(b"a,b\n\n,,\n,x,\r\n" + b"," * 700).sheets
    assert {place: cell.value for place, cell in sheet.cells.items()} == {
        (1, 1): "a",
        (1, 2): "b",
        (4, 2): "x",
    }


def test_a_byte_order_mark_and_blank_lines_do_no_harm() -> None:
    (reading,) = read(b"\xef\xbb\xbf" + export({}) + b"\r\n\r\n")
    assert errors(reading) == []


def test_control_characters_are_not_repeated() -> None:
    reading = read_one(organization="x\x1b[31m", city="")
    assert reading.findings[0].found == "x�[31m ()"


@given(st.lists(st.tuples(st.sampled_from(list(HEADER)), st.text(max_size=12)), max_size=5))
@settings(deadline=None, max_examples=200)
def test_whatever_stands_in_a_row_it_is_taken_or_refused_with_a_known_code(
    changes: list[tuple[str, str]],
) -> None:
    row = {
        name: text.encode("utf-8", "replace").decode().replace("\0", "?") for name, text in changes
    }
    for reading in read(export(row)):
        assert {finding.code for finding in reading.findings} <= set(codes())
        assert not is_acceptable(reading.findings) or (reading.identity and reading.facts)


def recorded() -> list[Reading]:
    if not RECORDED.exists():
        pytest.skip("the recorded export is not at ../shared/data")
    return read(RECORDED.read_bytes())


def test_every_recorded_danish_self_report_is_taken_or_refused() -> None:
    readings = recorded()
    assert len(readings) == 30
    taken = [reading for reading in readings if is_acceptable(reading.findings)]
    about = {
        (r.identity.municipality_code, r.identity.year, fact.row_key): fact.number
        for r in taken
        if r.identity
        for fact in r.facts
    }
    assert about == {
        ("0167", 2014, "ghg_gpc_basic"): 219396,
        ("0167", 2014, "ghg_gpc_basic_plus"): 219396,
        ("0167", 2017, "ghg_gpc_basic"): 245337,
        ("0167", 2017, "ghg_gpc_basic_plus"): 264098,
        ("0169", 2017, "ghg_gpc_basic"): 252209,
        ("0217", 2017, "ghg_gpc_basic"): 216124,
        ("0217", 2017, "ghg_gpc_basic_plus"): 264729,
        ("0223", 2016, "ghg_gpc_basic"): 167808,
        ("0240", 2015, "ghg_gpc_basic"): 188406.9,
        ("0240", 2015, "ghg_gpc_basic_plus"): 217098,
    }


def test_recorded_refusals_have_the_expected_reasons() -> None:
    reasons = Counter(
        finding.code
        for reading in recorded()
        for finding in reading.findings
        if finding.severity == "error"
    )
    assert reasons == {
        "cdp-totals-missing": 21,
        "number-unreadable": 2,
        "cdp-boundary-not-municipal": 1,
        "cdp-zero-for-missing": 1,
    }


def test_the_dialect_names_rows_that_the_form_has() -> None:
    from tests.ingestion.submissions.handed_in import form

    keys = {row.key for row in form().block("emissions").fixed_rows}
    assert {name for name in dialect().headers if name.startswith("ghg_")} <= keys
