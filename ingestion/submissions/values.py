"""One cell and what the form asks for there: an understood value, a fault, or nothing.

Pure: no places, no other cells. Whether a value is plausible is judged elsewhere; here it is only
understood, and what is not certain is refused.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as declared
from datetime import date
from urllib.parse import urlsplit

from ingestion.submissions.cells import Cell
from ingestion.submissions.form import Field, FieldType
from ingestion.submissions.numerals import folded_unit, read_numeral, split_quantity
from ingestion.submissions.wording import danish_date
from ingestion.text import clean, one_line

NOTATION_KEYS = frozenset({"NO", "NE", "IE", "C"})
FIRST_DATE, LAST_DATE = date(1990, 1, 1), date(2060, 12, 31)
LONGEST_TEXT = 2000
LONGEST_MAIL = 254
MOST_DIGITS = 10**15
# Stands in findings for what is private.
NOT_SHOWN = "…"

# Line breaks (Alt+Enter) and tabs are what people type; the rest hides or reorders text.
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2061-\u206f"
    "\ud800-\udfff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
DASH = re.compile("[-‐‑‒–—―−]+")
EXCEL_ERRORS = frozenset(
    {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"}
    | {"#DIVISION/0!", "#I/T", "#NAVN?", "#NUL!", "#REFERENCE!", "#VÆRDI!", "#OVERLØB!"}
)
QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
SCALED = re.compile(r"[0#?],+(?![0#?,])")
ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
FRACTION = re.compile(r"([0-9]{1,2})/([0-9]{1,2})[- ]([0-9]{4})")
NAMED = re.compile(r"([0-9]{1,2})\.? ([a-z]{3,9})\.? ([0-9]{4})")
MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
DAY_FIRST = re.compile(r"([0-9]{1,2})([-./])([0-9]{1,2})\2([0-9]{4})")
YEAR = re.compile(r"[0-9]{4}")
CVR = re.compile(r"[0-9]{8}")
MAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]+@[^\s@<>()\[\],;:\"\\.]+(?:\.[^\s@<>()\[\],;:\"\\.]+)+")
LOCAL_PATH = re.compile(r"[a-z]:[\\/]|\\\\|//", re.IGNORECASE)
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
CLOSED_SCHEMES = frozenset({"javascript", "vbscript", "data", "file", "blob", "about", "mailto"})


@dataclass(frozen=True)
class Value:
    """What a cell says; exactly one part is set."""

    text: str | None = None
    number: float | None = None
    day: date | None = None
    notation_key: str | None = None


@dataclass(frozen=True)
class Fault:
    """Why a cell cannot be understood: a code of ``codes.yml`` and the figures its texts name."""

    code: str
    found: str
    figures: Mapping[str, object] = declared(default_factory=dict)


Outcome = Value | Fault | None


def understand(cell: Cell | None, asked: Field) -> Outcome:
    """Read one cell as its field declares.

    Args:
        cell: the cell; None when there is none.
        asked: the field as it applies in the cell's row.

    Returns:
        A value, a fault, or None when the cell holds nothing visible.
    """
    if cell is None:
        return None
    fault = _unusable(cell)
    if fault or cell.kind != "text":
        return fault or READERS[asked.type](cell, asked)
    text = clean(str(cell.value))
    if not text:
        return None
    return _untypable(text) or READERS[asked.type](Cell("text", text), asked)


def shown(cell: Cell | None) -> str:
    """A cell as a person sees it, for a finding; control characters are made visible."""
    if cell is None or cell.value is None:
        return ""
    if cell.kind == "number":
        return _number_as_text(float(cell.value))
    if cell.kind == "boolean":
        return "SAND" if cell.value else "FALSK"
    if cell.kind == "date":
        day = _iso_date(str(cell.value))
        return danish_date(day) if day else str(cell.value)
    return CONTROL.sub("�", clean(str(cell.value)))


def unit_of(asked: Field) -> str:
    """The unit of a field: its own, or the one its header ends with in brackets."""
    if asked.unit is not None:
        return asked.unit
    found = re.search(r"\(([^()]*)\)$", asked.header_da)
    return found[1] if found else asked.header_da


def _unusable(cell: Cell) -> Fault | None:
    """Kinds of cell that no field takes."""
    if cell.kind == "formula":
        return Fault("formula-without-value", "")
    if cell.kind == "error":
        return Fault("formula-error", shown(cell))
    if cell.kind == "boolean":
        return Fault("boolean-not-allowed", shown(cell))
    return None


def _untypable(text: str) -> Fault | None:
    """Texts that no field takes."""
    cell = Cell("text", text)
    if CONTROL.search(text):
        return Fault("text-has-control-characters", shown(cell))
    if len(text) > LONGEST_TEXT:
        figures = {"length": len(text), "limit": LONGEST_TEXT}
        return Fault("text-too-long", shown(cell), figures)
    return Fault("formula-error", text) if text in EXCEL_ERRORS else None


def _number(cell: Cell, asked: Field) -> Outcome:
    if cell.kind == "date":
        return Fault("date-where-number", shown(cell))
    if cell.kind == "number":
        return _whole_if_asked(_cell_number(cell, asked), cell, asked)
    text = str(cell.value)
    if text.upper() in NOTATION_KEYS:
        return Fault("notation-key-not-allowed", text)
    if DASH.fullmatch(text):
        return Fault("dash-is-not-a-value", text)
    return _whole_if_asked(_text_number(text, asked), cell, asked)


def _amount(cell: Cell, asked: Field) -> Outcome:
    """A number or a notation key; words that are neither are told apart from broken numbers."""
    text = str(cell.value)
    if cell.kind != "text":
        return _number(cell, asked)
    if text.upper() in NOTATION_KEYS:
        return Value(notation_key=text.upper())
    if _is_word(text):
        return Fault("notation-key-unknown", shown(cell))
    return _number(cell, asked)


def _is_word(text: str) -> bool:
    """Letters and no digit of any script."""
    has_letter = any(letter.isalpha() for letter in text)
    return has_letter and all(unicodedata.numeric(letter, None) is None for letter in text)


def _text_number(text: str, asked: Field) -> float | Fault:
    quantity = split_quantity(text)
    unit = unit_of(asked)
    if quantity.unit and quantity.unit != folded_unit(unit):
        if quantity.unit == "%":
            return _percent(text, asked)
        return Fault("number-unit-mismatch", text, {"unit": unit})
    read = read_numeral(quantity.numeral)
    return Fault(read, text) if isinstance(read, str) else read


def _cell_number(cell: Cell, asked: Field) -> float | Fault:
    """A number cell; what its format makes a person see must be what is taken in."""
    number = float(cell.value or 0)
    if number != number or abs(number) >= MOST_DIGITS:
        return Fault("number-unreadable", shown(cell))
    shape = QUOTED.sub("", cell.number_format or "")
    if SCALED.search(shape):
        return Fault("number-scaled-format", shown(cell))
    if "%" not in shape:
        return number + 0.0
    # Moving the decimal point in the written number keeps 0.07 at 7 and not at 7.000000000000001.
    percent = float(f"{number!r}e2") if "e" not in repr(number) else number * 100
    if folded_unit(unit_of(asked)) == "%":
        return percent
    return _percent(f"{_number_as_text(percent)} %", asked)


def _percent(found: str, asked: Field) -> Fault:
    """A percentage where something else is asked for; units such as ``busser`` are counted."""
    words = ("et antal", "a count") if asked.is_integer else ("et tal", "a number")
    figures = {"unit": unit_of(asked), "kind_da": words[0], "kind_en": words[1]}
    return Fault("percent-in-amount", found, figures)


def _whole_if_asked(read: float | Fault, cell: Cell, asked: Field) -> Outcome:
    if isinstance(read, Fault):
        return read
    if asked.is_integer and not read.is_integer():
        return Fault("integer-expected", shown(cell))
    return Value(number=read)


def _year(cell: Cell, _asked: Field) -> Outcome:
    if cell.kind == "date":
        return Fault("date-where-number", shown(cell))
    written = _digits(cell)
    if cell.kind == "text" and written.upper() in NOTATION_KEYS:
        return Fault("notation-key-not-allowed", written)
    if not YEAR.fullmatch(written):
        return Fault("year-unreadable", shown(cell))
    if not FIRST_DATE.year <= int(written) <= LAST_DATE.year:
        return Fault("date-out-of-range", written)
    return Value(number=float(written))


def _date(cell: Cell, _asked: Field) -> Outcome:
    day = _iso_date(str(cell.value)) if cell.kind == "date" else None
    if cell.kind == "text":
        if str(cell.value).upper() in NOTATION_KEYS:
            return Fault("notation-key-not-allowed", str(cell.value))
        day = _written_date(str(cell.value))
    if day is None:
        return Fault("date-unreadable", shown(cell))
    if not FIRST_DATE <= day <= LAST_DATE:
        return Fault("date-out-of-range", shown(cell))
    return Value(day=day)


def _iso_date(text: str) -> date | None:
    """The day of ``2026-11-24`` or ``2026-11-24T08:30:00``; None when there is no such day."""
    found = ISO.match(text)
    return _day(found[1], found[2], found[3]) if found else None


def _written_date(text: str) -> date | None:
    """ISO, or day first with four digits of year: ``1-3-2025``, ``1/3-2025``, ``1. marts 2025``."""
    if ISO.fullmatch(text):
        return _iso_date(text)
    if found := DAY_FIRST.fullmatch(text):
        return _day(found[4], found[3], found[1])
    if found := FRACTION.fullmatch(text):
        return _day(found[3], found[2], found[1])
    found = NAMED.fullmatch(text.casefold())
    if not found or found[2][:3] not in MONTHS:
        return None
    return _day(found[3], str(MONTHS.index(found[2][:3]) + 1), found[1])


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _choice(cell: Cell, asked: Field) -> Outcome:
    written = one_line(_digits(cell)).casefold()
    # Excel drops the leading nought of a code such as 0101.
    same = {written, written.zfill(4)} if written.isdecimal() else {written}
    for choice in asked.choices:
        if choice.code.casefold() in same or one_line(choice.label_da).casefold() in same:
            return Value(text=choice.code)
    return Fault("choice-unknown", shown(cell))


def _cvr(cell: Cell, _asked: Field) -> Outcome:
    digits = "".join(_digits(cell).split())
    return Value(text=digits) if CVR.fullmatch(digits) else Fault("cvr-unreadable", shown(cell))


def _mail(cell: Cell, _asked: Field) -> Outcome:
    text = _digits(cell)
    is_mail = len(text) <= LONGEST_MAIL and MAIL.fullmatch(text)
    return Value(text=text) if is_mail else Fault("mail-unreadable", shown(cell))


def _link(cell: Cell, asked: Field) -> Outcome:
    """A web address, or a plain reference such as the number of an agenda."""
    if cell.kind != "text":
        return _text(cell, asked)
    if not _is_safe(str(cell.value)):
        return Fault("link-not-allowed", shown(cell))
    return _text(cell, asked)


def _is_safe(text: str) -> bool:
    # Browsers skip white space inside a scheme.
    tight = "".join(text.split())
    scheme = SCHEME.match(tight)
    if LOCAL_PATH.match(tight):
        return False
    if scheme is None:
        return True
    if scheme[1].lower() in ("http", "https"):
        return tight == text and _is_web_address(text)
    is_address = tight[scheme.end() :].startswith("//")
    return not is_address and scheme[1].lower() not in CLOSED_SCHEMES


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.hostname) and parts.username is None and parts.password is None


def _text(cell: Cell, asked: Field) -> Outcome:
    """Free text; whole numbers are taken as the text they look like, so that ids survive Excel."""
    if cell.kind == "date":
        return Fault("date-where-text", shown(cell))
    written = _digits(cell)
    if not written or (cell.kind == "number" and cell.number_format):
        return Fault("number-where-text", shown(cell))
    if DASH.fullmatch(written):
        return Fault("dash-is-not-an-answer", written)
    is_code = asked.id == "municipality_code" and written.isdecimal()
    return Value(text=written.zfill(4) if is_code else written)


def _digits(cell: Cell) -> str:
    """The text of a text cell, or of a whole number; empty for any other number."""
    if cell.kind != "number":
        return str(cell.value)
    number = float(cell.value or 0)
    is_whole = abs(number) < MOST_DIGITS and number.is_integer()
    return str(int(number)) if is_whole else ""


def _number_as_text(number: float) -> str:
    """As Danish Excel shows it without a format."""
    return f"{number:.15g}".replace(".", ",")


READERS: dict[FieldType, Callable[[Cell, Field], Outcome]] = {
    "text": _text,
    "amount": _amount,
    "number": _number,
    "year": _year,
    "date": _date,
    "choice": _choice,
    "cvr": _cvr,
    "mail": _mail,
    "link": _link,
}
