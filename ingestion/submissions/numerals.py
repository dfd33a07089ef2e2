"""Text to number, in the declared Danish locale: read, or refused with the reason, never guessed.

Read are ``1234``, ``1234,5``, ``1234.5``, ``1.234,5``, ``1.234.567``, ``1 234,5`` (any space) and
``0.125``. One mark with three digits behind it and one to three before it (``1.234``, ``1,234``)
can mean two things and is refused as ambiguous. English grouping (``1,234.5``), exponents, other
digits than 0-9 and leading zeros are not of the locale and are refused as unreadable.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

NumeralFault = Literal["number-ambiguous", "number-unreadable"]

LONGEST = 60
# Excel keeps 15 digits; more could not be read back exactly.
MOST_WHOLE_DIGITS = 15
ODD_SPACES = re.compile("[\u00a0\u2007\u2009\u202f]")
GROUP = "[1-9][0-9]{0,2}"
AMBIGUOUS = re.compile(rf"-?{GROUP}(?:[.,][0-9]{{3}}|(?: [0-9]{{3}})+\.[0-9]{{3}})")
READABLE = re.compile(
    rf"""-?(?:
        (?:0|[1-9][0-9]*)(?:[.,][0-9]+)?        # 1234   1234,5   1234.5   0.125
      | {GROUP}(?:\.[0-9]{{3}})+,[0-9]+         # 1.234,5
      | {GROUP}(?:\.[0-9]{{3}}){{2,}}           # 1.234.567
      | {GROUP}(?:[ ][0-9]{{3}})+(?:[.,][0-9]+)?  # 1 234   1 234,5
    )""",
    re.VERBOSE,
)
EXPONENT = re.compile(r"[-−]?[0-9.,]+[eE][-+]?[0-9]+")
QUANTITY = re.compile(
    r"([-−]?[0-9](?:[0-9., ]*[0-9])?) ?([^\W\d_½¼¾²³¹][^\n]{0,29}|[%‰€$£°][^\n]{0,29})"
)
UNIT_SPELLINGS = {"pct": "%", "procent": "%"}
TONNES = re.compile(r"^tons?(?=co2|$)")


@dataclass(frozen=True)
class Quantity:
    """A written number and the unit behind it, as folded text; empty when there is none."""

    numeral: str
    unit: str


def split_quantity(text: str) -> Quantity:
    """Part a number from a unit written behind it.

    Args:
        text: without white space around it.

    Returns:
        The whole text as the numeral when nothing behind it looks like a unit.
    """
    spaced = ODD_SPACES.sub(" ", text)
    found = None
    if len(spaced) <= LONGEST and not EXPONENT.fullmatch(spaced):
        found = QUANTITY.fullmatch(spaced)
    return Quantity(found[1], folded_unit(found[2])) if found else Quantity(spaced, "")


def folded_unit(unit: str) -> str:
    """A unit without regard to case, spaces and typography: ``m³`` is ``m3``, ``pct.`` is ``%``."""
    folded = re.sub(r"[\s.]", "", unicodedata.normalize("NFKC", unit).casefold())
    return TONNES.sub("t", UNIT_SPELLINGS.get(folded, folded))


def read_numeral(text: str) -> float | NumeralFault:
    """Read a number written by Danish habit.

    Args:
        text: without white space around it and without a unit.

    Returns:
        The number, or the code of the reason why it cannot be read.
    """
    plain = ODD_SPACES.sub(" ", text).replace("−", "-")
    if len(plain) > LONGEST or not READABLE.fullmatch(plain):
        return "number-ambiguous" if AMBIGUOUS.fullmatch(plain) else "number-unreadable"
    if AMBIGUOUS.fullmatch(plain):
        return "number-ambiguous"
    digits = plain.replace(" ", "")
    if "," in digits or digits.count(".") > 1:
        digits = digits.replace(".", "").replace(",", ".")
    if len(digits.lstrip("-").partition(".")[0]) > MOST_WHOLE_DIGITS:
        return "number-unreadable"
    # -0 is no other number than 0.
    return float(digits) + 0.0
