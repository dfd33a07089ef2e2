"""One cell and its field: read right, or refused with one documented reason."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.submissions.cells import Cell, Place
from ingestion.submissions.findings import codes, finding
from ingestion.submissions.form import Choice, Field, FieldType
from ingestion.submissions.numerals import read_numeral
from ingestion.submissions.values import Fault, Outcome, Value, understand

TYPES: tuple[FieldType, ...] = (
    "text",
    "amount",
    "number",
    "year",
    "date",
    "choice",
    "cvr",
    "mail",
    "link",
)
CHOICES = (
    Choice("energy", "Energi"),
    Choice("agriculture", "Landbrug og arealanvendelse"),
    Choice("0101", "København"),
)


def field(kind: FieldType = "amount", **changes: object) -> Field:
    facts: dict[str, object] = {
        "id": "value",
        "header_da": "Værdi",
        "help_da": "",
        "type": kind,
        "unit": "GWh",
        "choices": CHOICES if kind == "choice" else (),
        "is_required": False,
        "is_shown_only": False,
        "is_private": False,
        "is_integer": False,
        "minimum": None,
        "maximum": None,
        "width": 10,
    }
    return Field(**{**facts, **changes})  # type: ignore[arg-type]


def read_text(text: str, kind: FieldType = "amount", **changes: object) -> Outcome:
    return understand(Cell("text", text), field(kind, **changes))


def code_of(outcome: Outcome) -> str:
    assert isinstance(outcome, Fault), outcome
    return outcome.code


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,5", 1234.5),
        ("1234,5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u00a0234,5", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("1\u2009234", 1234),
        ("1234.5", 1234.5),
        ("12,5", 12.5),
        ("12", 12),
        ("-12", -12),
        ("−12", -12),
        ("-1.234,5", -1234.5),
        ("1.234.567", 1234567),
        ("1.234.567,8", 1234567.8),
        ("1 234 567", 1234567),
        ("1 234,567", 1234.567),
        ("1234,567", 1234.567),
        ("1234.567", 1234.567),
        ("1.234,0", 1234),
        ("1,2340", 1.234),
        ("0.125", 0.125),
        ("0,125", 0.125),
        ("-0,125", -0.125),
        ("0", 0),
        ("0,0", 0),
        ("  5\u00a0", 5),
        ("\u200b5\ufeff", 5),
    ],
)
def test_a_number_in_danish_or_plain_form_is_read(text: str, number: float) -> None:
    assert read_text(text) == Value(number=number)


@pytest.mark.parametrize(
    "text", ["1.234", "1,234", "12.345", "123,456", "-1.234", "−1,234", "1.000", "1 234.567"]
)
def test_a_number_that_can_mean_two_things_is_refused(text: str) -> None:
    assert read_text(text) == Fault("number-ambiguous", text)
    assert code_of(read_text(f"{text} GWh")) == "number-ambiguous"


@pytest.mark.parametrize(
    "text",
    [
        "1,234.5",
        "1,234,567",
        "1.23.456",
        "1e6",
        "1E-3",
        "1,5e3",
        "١٢",
        "１２",
        "½",
        "12½",
        "ca. 12",
        "12-14",
        "12–14",
        ">5",
        "<5",
        "~5",
        "5+5",
        "+5",
        "- 5",
        "5,",
        ",5",
        ".5",
        "5.",
        "?",
        "007",
        "0101",
        "1_000",
        "1'234",
        "1 23",
        "12 (skøn)",
        "=2+2",
        "1.2.2026",
        "24-11-2026",
        "9" * 16,
        "1" * 70,
        "1,2,3",
        "1..2",
        "--5",
        "5-",
        "(5)",
        "12 3 4",
        "1\n2",
    ],
)
def test_what_is_no_number_of_the_locale_is_refused(text: str) -> None:
    assert code_of(read_text(text)) == "number-unreadable"


@pytest.mark.parametrize("dash", ["-", "–", "—", "−", "--", " - "])
def test_a_dash_is_no_value(dash: str) -> None:
    assert code_of(read_text(dash)) == "dash-is-not-a-value"
    assert code_of(read_text(dash, "number")) == "dash-is-not-a-value"
    assert code_of(read_text(dash, "text")) == "dash-is-not-an-answer"


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\u200b", "\ufeff \u200d", "\n\t", "\u00ad"])
@pytest.mark.parametrize("kind", TYPES)
def test_what_nobody_can_see_is_empty(text: str, kind: FieldType) -> None:
    assert read_text(text, kind) is None
    assert understand(None, field(kind)) is None


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("12 GWh", "GWh", 12),
        ("12GWh", "GWh", 12),
        ("1.234,5 gwh", "GWh", 1234.5),
        ("12\u00a0GWh", "GWh", 12),
        ("35 %", "%", 35),
        ("35%", "%", 35),
        ("0,35 %", "%", 0.35),
        ("35 pct.", "%", 35),
        ("35 procent", "%", 35),
        ("7 t CO2e", "t CO2e", 7),
        ("7 ton CO₂e", "t CO2e", 7),
        ("7 m3", "m³", 7),
        ("5 busser", "busser", 5),
        ("500 kr.", "kr.", 500),
        ("500 kr", "kr.", 500),
    ],
)
def test_the_fields_own_unit_behind_a_number_is_understood(
    text: str, unit: str, number: float
) -> None:
    assert read_text(text, unit=unit) == Value(number=number)


@pytest.mark.parametrize(
    "text", ["12 MWh", "12 kWh", "12 TJ", "12 mio.", "12 t", "1O", "12 GWh/år"]
)
def test_another_unit_is_refused_and_never_converted(text: str) -> None:
    assert read_text(text) == Fault("number-unit-mismatch", text, {"unit": "GWh"})


def test_a_field_without_unit_has_the_one_in_its_header() -> None:
    told = {"unit": None, "header_da": "Sparet energi i året (MWh)"}
    assert read_text("40 MWh", "number", **told) == Value(number=40)
    fault = read_text("40 GWh", "number", **told)
    assert fault == Fault("number-unit-mismatch", "40 GWh", {"unit": "MWh"})


@pytest.mark.parametrize("text", ["35 %", "35%", "35 pct"])
def test_a_percentage_is_refused_where_an_amount_is_asked_for(text: str) -> None:
    assert code_of(read_text(text)) == "percent-in-amount"


@pytest.mark.parametrize(
    ("number", "shape", "read"),
    [
        (0.35, "0%", 35.0),
        (0.07, "0.00%", 7.0),
        (0.29, "0%", 29.0),
        (1.1, "0%", 110.0),
        (0, "0%", 0),
        (1e-07, "0%", 1e-05),
        (0.35, '0.0"%"', 0.35),
        (0.35, "0\\%", 0.35),
        (-0.5, "0 %", -50.0),
    ],
)
def test_a_per_cent_format_counts_as_it_is_seen(number: float, shape: str, read: float) -> None:
    outcome = understand(Cell("number", number, shape), field(unit="%"))
    assert isinstance(outcome, Value)
    assert outcome.number == pytest.approx(read, rel=1e-15)


def test_a_per_cent_format_is_refused_where_an_amount_is_asked_for() -> None:
    outcome = understand(Cell("number", 0.35, "0%"), field())
    words = {"unit": "GWh", "kind_da": "et tal", "kind_en": "a number"}
    assert outcome == Fault("percent-in-amount", "35 %", words)


@pytest.mark.parametrize("shape", ["#,##0,", "0,,", "#,##0.0,", '#,##0," t"', "0,;-0,", "0.00,_)"])
def test_a_format_that_shows_thousands_is_refused(shape: str) -> None:
    assert code_of(understand(Cell("number", 1234.0, shape), field())) == "number-scaled-format"


@pytest.mark.parametrize(
    "shape", [None, "#,##0", "#,##0.00", "0", "General", '0" t,"', "#,##0;-#,##0"]
)
def test_an_ordinary_format_changes_nothing(shape: str | None) -> None:
    assert understand(Cell("number", 1234.0, shape), field()) == Value(number=1234)


@pytest.mark.parametrize("text", ["NO", "no", " Ne ", "IE", "ie", "C", "c\u00a0"])
def test_a_notation_key_is_understood_in_amounts_alone(text: str) -> None:
    key = text.strip().upper()
    assert read_text(text) == Value(notation_key=key)
    for kind in ("number", "year", "date"):
        assert code_of(read_text(text, kind)) == "notation-key-not-allowed"


@pytest.mark.parametrize(
    "text", ["N/A", "n.a.", "ukendt", "i.a.", "ikke opgjort", "NA", "nej", "XX", "NO NE", "Null"]
)
def test_any_other_word_is_no_key(text: str) -> None:
    assert code_of(read_text(text)) == "notation-key-unknown"
    assert code_of(read_text(text, "number")) == "number-unreadable"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 1e15, -1e300])
def test_a_number_that_is_none_or_beyond_exactness_is_refused(number: float) -> None:
    assert code_of(understand(Cell("number", number), field())) == "number-unreadable"


@pytest.mark.parametrize("cell", [Cell("number", 12.0), Cell("text", "12"), Cell("text", "12,0")])
def test_a_whole_number_is_taken_where_one_is_asked_for(cell: Cell) -> None:
    assert understand(cell, field(is_integer=True)) == Value(number=12)


@pytest.mark.parametrize("cell", [Cell("number", 12.5), Cell("text", "12,5")])
def test_a_fraction_is_refused_where_a_whole_number_is_asked_for(cell: Cell) -> None:
    assert understand(cell, field(is_integer=True)) == Fault("integer-expected", "12,5")


@pytest.mark.parametrize("kind", TYPES)
def test_formulas_without_value_errors_and_booleans_fit_no_field(kind: FieldType) -> None:
    asked = field(kind)
    assert code_of(understand(Cell("formula", None), asked)) == "formula-without-value"
    assert understand(Cell("error", "#DIV/0!"), asked) == Fault("formula-error", "#DIV/0!")
    assert understand(Cell("text", "#DIVISION/0!"), asked) == Fault("formula-error", "#DIVISION/0!")
    assert understand(Cell("boolean", True), asked) == Fault("boolean-not-allowed", "SAND")


@pytest.mark.parametrize("kind", ["amount", "number", "year"])
def test_a_date_where_a_number_is_asked_for_is_what_excel_makes_of_1_2(kind: FieldType) -> None:
    outcome = understand(Cell("date", "2026-02-01"), field(kind))
    assert outcome == Fault("date-where-number", "01-02-2026")


@pytest.mark.parametrize(
    "cell",
    [
        Cell("date", "2026-11-24"),
        Cell("date", "2026-11-24T08:30:00"),
        Cell("text", "2026-11-24"),
        Cell("text", "24.11.2026"),
        Cell("text", "24-11-2026"),
        Cell("text", "24/11-2026"),
        Cell("text", "24/11 2026"),
        Cell("text", "24. november 2026"),
        Cell("text", "24 nov. 2026"),
        Cell("text", "24/11/2026"),
        Cell("text", " 24-11-2026 "),
    ],
)
def test_a_date_is_read_day_first(cell: Cell) -> None:
    assert understand(cell, field("date")) == Value(day=date(2026, 11, 24))


def test_single_digits_are_day_and_month_too() -> None:
    assert read_text("1.2.2026", "date") == Value(day=date(2026, 2, 1))


@pytest.mark.parametrize(
    "text",
    [
        "24-11-26",
        "11/24/2026",
        "31-02-2026",
        "24 novenber 2026 kl. 8",
        "2026-24-11",
        "24.11-2026",
        "2026",
        "november",
        "24112026",
        "2026-1-1",
        "٢٤-11-2026",
        "00-00-2026",
        "24-11-2026 08:30",
    ],
)
def test_a_date_that_is_unsure_is_refused(text: str) -> None:
    assert code_of(read_text(text, "date")) == "date-unreadable"


@pytest.mark.parametrize("cell", [Cell("number", 46350.0), Cell("date", "08:30:00")])
def test_a_bare_number_or_time_is_no_date(cell: Cell) -> None:
    assert code_of(understand(cell, field("date"))) == "date-unreadable"


@pytest.mark.parametrize("text", ["31-12-1989", "01-01-2061", "24-11-0026", "24-11-9999"])
def test_a_date_far_off_is_refused(text: str) -> None:
    assert code_of(read_text(text, "date")) == "date-out-of-range"


@pytest.mark.parametrize(
    "cell", [Cell("number", 2030.0), Cell("text", "2030"), Cell("text", " 2030")]
)
def test_a_year_is_read_from_number_or_text(cell: Cell) -> None:
    assert understand(cell, field("year")) == Value(number=2030)


@pytest.mark.parametrize(
    "cell", [Cell("text", "30"), Cell("number", 2030.5), Cell("text", "2030/31")]
)
def test_what_is_no_year_is_refused(cell: Cell) -> None:
    assert code_of(understand(cell, field("year"))) == "year-unreadable"


@pytest.mark.parametrize("text", ["1889", "2061"])
def test_a_year_far_off_is_refused(text: str) -> None:
    assert code_of(read_text(text, "year")) == "date-out-of-range"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (Cell("text", "Energi"), "energy"),
        (Cell("text", " energi "), "energy"),
        (Cell("text", "ENERGY"), "energy"),
        (Cell("text", "Landbrug  og\u00a0arealanvendelse"), "agriculture"),
        (Cell("text", "københavn"), "0101"),
        (Cell("text", "0101"), "0101"),
        (Cell("text", "101"), "0101"),
        (Cell("number", 101.0), "0101"),
    ],
)
def test_a_choice_is_its_label_or_its_code(cell: Cell, code: str) -> None:
    assert understand(cell, field("choice")) == Value(text=code)


@pytest.mark.parametrize(
    "cell", [Cell("text", "Energ"), Cell("number", 7.0), Cell("date", "2026-01-01")]
)
def test_what_is_not_on_the_list_is_refused(cell: Cell) -> None:
    assert code_of(understand(cell, field("choice"))) == "choice-unknown"


@pytest.mark.parametrize(
    "cell", [Cell("text", "12345678"), Cell("text", "12 34 56 78"), Cell("number", 12345678.0)]
)
def test_a_cvr_number_is_eight_digits_kept_as_text(cell: Cell) -> None:
    assert understand(cell, field("cvr")) == Value(text="12345678")


@pytest.mark.parametrize("text", ["1234567", "123456789", "DK12345678", "1234567a", "١٢٣٤٥٦٧٨"])
def test_anything_else_is_no_cvr_number(text: str) -> None:
    assert code_of(read_text(text, "cvr")) == "cvr-unreadable"


@pytest.mark.parametrize("text", ["navn@kommune.dk", "a.b+c@post.kommune.example", "børge@ærø.dk"])
def test_a_mail_address_is_read(text: str) -> None:
    assert read_text(text, "mail") == Value(text=text)


@pytest.mark.parametrize(
    "text", ["navn", "navn@kommune", "a b@c.dk", "a@b@c.dk", "<a@b.dk>", "@b.dk"]
)
def test_what_is_no_mail_address_is_refused(text: str) -> None:
    assert code_of(read_text(text, "mail")) == "mail-unreadable"


@pytest.mark.parametrize(
    "text",
    [
        "https://kommune.dk/dagsorden?id=1",
        "http://kommune.dk",
        "2024-12345",
        "Dagsorden: punkt 5",
        "www.kommune.dk/plan",
        "Byrådet 24-11-2026, pkt. 7",
        "sag:2024/12",
    ],
)
def test_a_web_address_or_a_plain_reference_is_taken(text: str) -> None:
    assert read_text(text, "link") == Value(text=text)


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        " javascript :alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "vbscript:x",
        "ftp://a.dk",
        "C:\\planer\\plan.pdf",
        "\\\\server\\plan",
        "//server/plan",
        "https://",
        "https://a:b@c.dk",
        "https://a b.dk",
        "http://[::1",
        "mailto:a@b.dk",
    ],
)
def test_a_link_that_is_no_web_address_is_refused(text: str) -> None:
    assert code_of(read_text(text, "link")) == "link-not-allowed"


def test_text_is_composed_and_trimmed() -> None:
    assert read_text("\u00a0Aa\u030arhus\u200b ", "text") == Value(text="Aårhus")
    assert read_text("to\r\nlinjer", "text") == Value(text="to\nlinjer")


def test_a_code_typed_as_a_number_is_kept_as_text() -> None:
    assert understand(Cell("number", 12.0), field("text")) == Value(text="12")
    municipality = field("text", id="municipality_code")
    assert understand(Cell("number", 101.0), municipality) == Value(text="0101")
    assert read_text("101", "text", id="municipality_code") == Value(text="0101")


def test_what_excel_changed_into_a_number_or_date_is_no_text() -> None:
    assert understand(Cell("number", 1.1), field("text")) == Fault("number-where-text", "1,1")
    outcome = understand(Cell("date", "2026-02-01"), field("text"))
    assert outcome == Fault("date-where-text", "01-02-2026")


@pytest.mark.parametrize(
    "mark", ["\x00", "\x07", "\x1b", "\x85", "\u202e", "\u2066", "\ud800", "\u200f"]
)
@pytest.mark.parametrize("kind", TYPES)
def test_control_characters_fit_no_field_and_are_not_repeated(mark: str, kind: FieldType) -> None:
    assert read_text(f"a{mark}b", kind) == Fault("text-has-control-characters", "a�b")


def test_a_text_may_have_2000_characters() -> None:
    assert read_text("å" * 2000, "text") == Value(text="å" * 2000)
    outcome = read_text("å" * 2001, "text")
    assert isinstance(outcome, Fault)
    assert (outcome.code, dict(outcome.figures)) == (
        "text-too-long",
        {"length": 2001, "limit": 2000},
    )


AMOUNTS = st.decimals(
    allow_nan=False, allow_infinity=False, places=3, min_value=-1e9, max_value=1e9
)
SPACES = st.sampled_from([" ", "\u00a0", "\u202f", "\u2009"])


def grouped(number: Decimal, thousands: str, decimal: str, places: int) -> str:
    marks = {",": thousands, ".": decimal}
    return "".join(marks.get(letter, letter) for letter in f"{number:,.{places}f}")


@given(AMOUNTS, SPACES, st.booleans(), st.sampled_from([0, 1, 2, 4]))
@settings(deadline=None, max_examples=300)
def test_a_number_written_in_any_accepted_form_is_read_back_exactly(
    number: Decimal, space: str, has_real_minus: bool, places: int
) -> None:
    rounded = round(number, places)
    forms = [grouped(rounded, space, ",", places), grouped(rounded, "", ",", places)]
    forms.append(grouped(rounded, "", ".", places))
    if places or abs(rounded) >= 10**6:
        forms.append(grouped(rounded, ".", ",", places))
    for written in forms:
        text = written.replace("-", "−") if has_real_minus else written
        assert read_numeral(text) == float(rounded), text
        assert read_text(f"{text} GWh") == Value(number=float(rounded))


@given(
    st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"), st.sampled_from(["", "-", "−"])
)
@settings(deadline=None, max_examples=200)
def test_no_ambiguous_form_is_ever_read(whole: int, rest: int, mark: str, sign: str) -> None:
    text = f"{sign}{whole}{mark}{rest:03d}"
    assert read_numeral(text) == "number-ambiguous"
    assert code_of(read_text(text)) == "number-ambiguous"
    assert code_of(read_text(f" {text} GWh ", "number")) == "number-ambiguous"


WILD = st.text(max_size=40) | st.text("0123456789.,- −\u00a0eE%NOIECgwhGWH/", max_size=14)


@given(WILD, st.sampled_from(TYPES))
@settings(deadline=None, max_examples=1000)
def test_any_text_either_gives_a_value_or_one_documented_fault(text: str, kind: FieldType) -> None:
    outcome = read_text(text, kind)
    if isinstance(outcome, Value):
        parts = (outcome.text, outcome.number, outcome.day, outcome.notation_key)
        assert sum(part is not None for part in parts) == 1
        assert outcome.number is None or outcome.number == outcome.number
    elif outcome is not None:
        assert outcome.code in codes()
        made = finding(outcome.code, Place("A", 1, 1), found=outcome.found, **outcome.figures)
        assert "{" not in made.text_da.replace(outcome.found, "")


@given(st.floats(), st.sampled_from([None, "0%", "#,##0,", "0.00", '"%"0']), st.sampled_from(TYPES))
@settings(deadline=None, max_examples=300)
def test_any_number_cell_gives_a_finite_value_or_a_fault(
    number: float, shape: str | None, kind: FieldType
) -> None:
    outcome = understand(Cell("number", number, shape), field(kind))
    if isinstance(outcome, Value) and outcome.number is not None:
        assert abs(outcome.number) < 1e15
    else:
        assert isinstance(outcome, Value | Fault)
