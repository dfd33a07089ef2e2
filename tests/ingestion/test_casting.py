"""Text to typed rows: every column type, every missing marker, every area that is set aside."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.casting import Cast, cast, require_no_findings
from ingestion.declaration import Source, source_by_id
from ingestion.errors import AnswerError
from ingestion.geography import KNOWN_MUNICIPALITIES, MUNICIPALITY_CODES
from ingestion.protocols import Conventions
from ingestion.protocols.statbank import MISSING
from tests.ingestion.reading import EMBEDDED, cast_text, snapshot_frame, snapshot_text

POINT = Conventions(".", "", MISSING)
DANISH = Conventions(",", ".", MISSING)
ENGLISH = Conventions(".", ",", MISSING)


def table(period: str = "year", **changes: Any) -> Source:
    """A small table with every kind of column."""
    named = {"description": "-"}
    facts: dict[str, Any] = {
        "id": "statbank_small",
        "provider": "statbank",
        "table": "SMALL",
        "title": "Small",
        "title_da": "Lille",
        "url": "https://example.org",
        "documentation_url": "https://example.org",
        "cadence": "yearly",
        "publication_lag_days": 10,
        "owner": "secretariat",
        "staging_model": "stg_statbank__smalls",
        "request": {"protocol": "statbank", "geography": "AREA", "selection": {}},
        "columns": [
            {"name": "municipality_code", "provider_name": "AREA", "type": "municipality"},
            {
                "name": "kind",
                "provider_name": "KIND",
                "type": "code",
                "codes": {"A": "a", "B": "b"},
            },
            {"name": "period", "provider_name": "TID", "type": period},
            {"name": "number", "provider_name": "N", "type": "integer", "unit": "1"},
            {"name": "amount", "provider_name": "X", "type": "decimal", "unit": "t"},
        ],
    }
    for column in facts["columns"]:
        column |= named | {"key": "unit" not in column}
    return Source.model_validate({**facts, **changes})


def rows(*cells: str) -> pd.DataFrame:
    """``101;A;2024;1;1.5``, one text per row."""
    names = ["AREA", "KIND", "TID", "N", "X"]
    return pd.DataFrame([text.split(";") for text in cells], columns=names, dtype=str)


def read(source: Source, conventions: Conventions, *cells: str) -> Cast:
    return cast(rows(*cells), source, conventions, KNOWN_MUNICIPALITIES)


def codes_of(result: Cast) -> list[str]:
    return [finding.code for finding in result.findings]


def test_every_type_of_column_is_read() -> None:
    result = read(table(), POINT, "101;A;2024;12;1.5", "860;B;2023;-3;-0.25")
    assert result.findings == ()
    assert result.frame.to_dict("records") == [
        {
            "municipality_code": "0101",
            "kind": "A",
            "period": 2024,
            "number": 12,
            "number_missing": None,
            "amount": 1.5,
            "amount_missing": None,
            "row_key": "AREA=101;KIND=A;TID=2024",
        },
        {
            "municipality_code": "0860",
            "kind": "B",
            "period": 2023,
            "number": -3,
            "number_missing": None,
            "amount": -0.25,
            "amount_missing": None,
            "row_key": "AREA=860;KIND=B;TID=2023",
        },
    ]
    kinds = result.frame.dtypes.astype(str).to_dict()
    assert (kinds["period"], kinds["number"], kinds["amount"]) == ("Int32", "Int64", "Float64")


@pytest.mark.parametrize(
    ("period", "written", "kept"),
    [
        ("year", "2024", 2024),
        ("quarter", "2024Q4", "2024Q4"),
        ("month", "2024M12", "2024M12"),
        ("month", "2024-12-01", "2024M12"),
        ("month", "2024-12-01T00:00:00", "2024M12"),
        ("day", "2024-02-29", "2024-02-29"),
        ("day", "2024-12-31T00:00:00", "2024-12-31"),
    ],
)
def test_periods_are_read_as_english_answers_write_them(
    period: str, written: str, kept: object
) -> None:
    result = read(table(period), POINT, f"101;A;{written};1;1")
    assert result.findings == ()
    assert result.frame["period"].to_list() == [kept]


@pytest.mark.parametrize(
    ("period", "written"),
    [
        ("year", "24"),
        ("year", "2024M01"),
        ("year", "1024"),
        ("year", ""),
        ("year", "２０２４"),
        ("quarter", "2024K1"),
        ("quarter", "2024Q5"),
        ("month", "2024M13"),
        ("month", "2024-12-02"),
        ("month", "2024-13-01"),
        ("month", "December 2024"),
    ],
)
def test_other_periods_are_findings(period: str, written: str) -> None:
    result = read(table(period), POINT, f"101;A;{written};1;1")
    assert codes_of(result) == ["period-form"]


def test_codes_off_the_declared_list_and_empty_codes_are_findings() -> None:
    result = read(table(), POINT, "101;C;2024;1;1", "101;;2024;1;1", "101; A ;2024;1;1")
    assert codes_of(result) == ["code-unknown", "code-unknown"]
    assert [finding.row for finding in result.findings] == [0, 1]


@pytest.mark.parametrize(
    ("conventions", "written", "value"),
    [
        (POINT, "1.234", 1.234),
        (DANISH, "1.234", 1234.0),
        (ENGLISH, "1.234", 1.234),
        (DANISH, "1,234", 1.234),
        (ENGLISH, "1,234", 1234.0),
        (DANISH, "1.234.567,8", 1234567.8),
        (ENGLISH, "1,234,567.8", 1234567.8),
        (POINT, "1e3", 1000.0),
        (POINT, "-1.5E-3", -0.0015),
        (POINT, " 7 ", 7.0),
    ],
)
def test_a_number_means_what_the_declared_locale_says(
    conventions: Conventions, written: str, value: float
) -> None:
    result = read(table(), conventions, f"101;A;2024;1;{written}")
    assert result.findings == ()
    assert result.frame["amount"].to_list() == [value]


@pytest.mark.parametrize(
    ("conventions", "written"),
    [
        (POINT, "1,234"),
        (POINT, "1,5"),
        (POINT, "1.234,5"),
        (DANISH, "1,234.5"),
        (DANISH, "12.34"),
        (DANISH, "1234.567"),
        (ENGLISH, "1.234,5"),
        (ENGLISH, "1,23"),
        (POINT, "1 234"),
        (POINT, "1 t"),
        (POINT, "+1"),
        (POINT, "--1"),
        (POINT, ".5"),
        (POINT, "5."),
        (POINT, "0x10"),
        (POINT, "1_000"),
        (POINT, "nan"),
        (POINT, "inf"),
        (POINT, "..."),
        (POINT, "٣"),
        (POINT, "1.٣"),
        (POINT, "1e٣"),
        (POINT, "n/a"),
    ],
)
def test_a_number_in_another_locale_or_form_is_a_finding_never_a_silent_null(
    conventions: Conventions, written: str
) -> None:
    result = read(table(), conventions, f"101;A;2024;1;{written}")
    assert codes_of(result) == ["number-form"]
    assert result.findings[0].found == written


def test_a_fraction_in_a_column_of_whole_numbers_is_a_finding() -> None:
    result = read(table(), POINT, "101;A;2024;1.5;1", "147;A;2024;1e3;1", "151;A;2024;1.0;1")
    assert codes_of(result) == ["number-form"] * 3


def test_whole_numbers_up_to_18_digits_are_exact_and_longer_ones_are_findings() -> None:
    exact = "900719925474099317"
    result = read(table(), POINT, f"101;A;2024;{exact};1", "147;A;2024;..;1")
    assert result.frame["number"].to_list()[0] == int(exact)
    assert codes_of(read(table(), POINT, f"101;A;2024;{exact}9;1")) == ["number-form"]


@pytest.mark.parametrize(
    ("written", "reason"),
    [("..", "unavailable"), (".", "unavailable"), ("-", "nil"), ("", "empty")],
)
def test_a_missing_marker_becomes_null_with_its_reason(written: str, reason: str) -> None:
    result = read(table(), POINT, f"101;A;2024;{written};{written}")
    assert result.findings == ()
    row = result.frame.iloc[0]
    assert pd.isna(row["number"])
    assert pd.isna(row["amount"])
    assert (row["number_missing"], row["amount_missing"]) == (reason, reason)


def test_zero_is_a_number_and_not_missing() -> None:
    row = read(table(), POINT, "101;A;2024;0;0.0").frame.iloc[0]
    assert (row["number"], row["amount"]) == (0, 0.0)
    assert pd.isna(row["number_missing"])


def test_three_and_four_digit_codes_are_the_same_municipality() -> None:
    frame = read(table(), POINT, "101;A;2024;1;1", "0101;B;2024;1;1").frame
    assert frame["municipality_code"].to_list() == ["0101", "0101"]


@pytest.mark.parametrize("area", ["000", "081", "085", "01", "11", "99", "411", "0411"])
def test_country_regions_provinces_and_christiansoe_are_set_aside_and_counted(area: str) -> None:
    result = read(table(), POINT, f"{area};A;2024;1;1", "101;A;2024;2;2")
    assert result.findings == ()
    assert (result.rows_read, len(result.frame), result.rows_set_aside) == (2, 1, 1)
    assert result.frame["municipality_code"].to_list() == ["0101"]


@pytest.mark.parametrize("area", ["999", "1101", "102", "0001", "", "101x", "København", "١٠١"])
def test_an_unknown_municipality_is_refused_by_default(area: str) -> None:
    result = read(table(), POINT, f"{area};A;2024;1;1", "101;A;2024;2;2")
    assert codes_of(result) == ["municipality-unknown"]
    with pytest.raises(AnswerError, match="row 1, municipality_code"):
        require_no_findings(result, table())


def test_an_unknown_number_is_set_aside_where_the_declaration_says_so() -> None:
    source = table(unknown_municipalities="set_aside")
    result = read(source, POINT, "999;A;2024;1;1", "101;A;2024;2;2")
    assert result.findings == ()
    assert (len(result.frame), result.rows_set_aside) == (1, 1)
    assert read(source, POINT, "G1;A;2024;1;1", "101;A;2024;1;1").rows_set_aside == 1


def test_what_is_wrong_in_a_row_set_aside_is_no_finding() -> None:
    assert read(table(), POINT, "000;A;2024;x;y", "101;A;2024;1;1").findings == ()


def test_a_missing_column_is_refused_and_the_file_to_edit_is_named() -> None:
    with pytest.raises(AnswerError, match="missing X") as caught:
        cast(rows("101;A;2024;1;1").drop(columns="X"), table(), POINT, KNOWN_MUNICIPALITIES)
    assert caught.value.code == "column-missing"
    assert "ingestion/sources/statbank_small.yml" in caught.value.hint


def test_an_unknown_column_is_refused_and_the_file_to_edit_is_named() -> None:
    with pytest.raises(AnswerError, match="unknown EXTRA") as caught:
        cast(rows("101;A;2024;1;1").assign(EXTRA="1"), table(), POINT, KNOWN_MUNICIPALITIES)
    assert caught.value.code == "column-unknown"
    assert "ingestion/sources/statbank_small.yml" in caught.value.hint


def test_a_renamed_column_is_told_from_both_sides() -> None:
    text = rows("101;A;2024;1;1").rename(columns={"X": "Y"})
    with pytest.raises(AnswerError, match="missing X; unknown Y"):
        cast(text, table(), POINT, KNOWN_MUNICIPALITIES)


def test_the_first_findings_are_told_with_their_places_and_the_rest_is_counted() -> None:
    result = read(table(), POINT, *(f"101;A;2024;x{n};1" for n in range(8)))
    with pytest.raises(AnswerError) as caught:
        require_no_findings(result, table())
    message = caught.value.message
    assert "8 cells could not be read" in message
    assert "row 1, number: 'x0'" in message
    assert "row 5, number: 'x4'" in message
    assert "x5" not in message
    assert "(and 3 more)" in message


@pytest.mark.parametrize("source", EMBEDDED, ids=lambda source: source.id)
def test_the_order_of_the_rows_means_nothing(source: Source) -> None:
    text = snapshot_text(source.id)
    shuffled = text.sample(frac=1, random_state=7).reset_index(drop=True)
    pd.testing.assert_frame_equal(cast_text(source, text).frame, cast_text(source, shuffled).frame)


@pytest.mark.parametrize("source", EMBEDDED, ids=lambda source: source.id)
def test_no_row_of_the_snapshot_is_lost(source: Source) -> None:
    text = snapshot_text(source.id)
    result = cast_text(source, text)
    assert result.rows_read == len(text) == len(result.frame) + result.rows_set_aside
    assert set(result.frame["municipality_code"]) == set(MUNICIPALITY_CODES)


def test_the_areas_of_the_snapshot_sum_to_the_country() -> None:
    source = source_by_id("statbank_are207")
    text = snapshot_text(source.id)
    country = text[(text["OMRÅDE"] == "000") & (text["TID"] == "2026")]["INDHOLD"].iloc[0]
    christiansoe = text[(text["OMRÅDE"] == "411") & (text["TID"] == "2026")]["INDHOLD"].iloc[0]
    frame = cast_text(source, text).frame
    summed = frame.loc[frame["year"] == 2026, "area_km2"].sum()
    assert summed + float(christiansoe) == pytest.approx(float(country), abs=0.2)


def test_all_98_close_in_every_year_of_the_snapshot() -> None:
    frame = snapshot_frame("klimaregnskabet_key_figures")
    frame = frame[frame["measure"] == "emission"]
    is_whole = frame["sector"] == "Samlet"
    keys = ["municipality_code", "year"]
    whole = frame[is_whole].set_index(keys)["value"]
    parts = frame[~is_whole].groupby(keys)["value"].sum()
    assert len(whole) == 98 * 6
    assert ((whole - parts).abs() <= 0.5 + 1e-6 * parts.abs()).all()


AREAS = st.sampled_from(
    [*MUNICIPALITY_CODES[:5], "101", "000", "081", "01", "99", "411", "999", "x"]
)


@given(st.lists(AREAS, min_size=1, max_size=20), st.booleans())
@settings(deadline=None, max_examples=40)
def test_every_row_is_accepted_set_aside_or_a_finding(areas: list[str], is_lenient: bool) -> None:
    source = table(unknown_municipalities="set_aside" if is_lenient else "refuse")
    result = read(source, POINT, *(f"{area};A;{1950 + n};1;1" for n, area in enumerate(areas)))
    assert result.rows_read == len(areas) == len(result.frame) + result.rows_set_aside
    refused = [area for area in areas if area in ("x", "999") and not is_lenient]
    assert [finding.found for finding in result.findings] == refused


def written(number: Decimal, conventions: Conventions) -> str:
    """A number as people of that locale write it, thousands grouped."""
    marks = {",": conventions.thousands_mark, ".": conventions.decimal_mark}
    return "".join(marks.get(letter, letter) for letter in f"{number:,}")


NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, places=3, min_value=-1e9, max_value=1e9
)


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.sampled_from([POINT, DANISH, ENGLISH]))
@settings(deadline=None, max_examples=40)
def test_numbers_written_in_the_declared_locale_read_back_exactly(
    numbers: list[Decimal], conventions: Conventions
) -> None:
    cells = [written(number, conventions) for number in numbers]
    result = read(table(), conventions, *(f"101;A;{1950 + n};1;{c}" for n, c in enumerate(cells)))
    assert result.findings == ()
    assert result.frame["amount"].to_list() == [float(number) for number in numbers]


@given(
    NUMBERS.filter(lambda number: abs(number) >= 1000), st.permutations([POINT, DANISH, ENGLISH])
)
@settings(deadline=None, max_examples=40)
def test_numbers_with_both_marks_read_in_no_other_locale(
    number: Decimal, locales: list[Conventions]
) -> None:
    own, *others = locales
    if not own.thousands_mark:
        own, others = others[0], [own, others[1]]
    for other in others:
        cell = written(number, own)
        assert codes_of(read(table(), other, f"101;A;2024;1;{cell}")) == ["number-form"]


@given(st.text(max_size=12).filter(lambda text: ";" not in text))
@settings(deadline=None, max_examples=60)
def test_any_text_at_all_is_a_number_a_reason_or_a_finding(text: str) -> None:
    frame = pd.DataFrame(
        [["101", "A", "2024", "1", text]], columns=["AREA", "KIND", "TID", "N", "X"]
    )
    result = cast(frame.astype(str), table(), DANISH, KNOWN_MUNICIPALITIES)
    if not result.findings:
        row = result.frame.iloc[0]
        assert pd.notna(row["amount"]) != pd.notna(row["amount_missing"])
