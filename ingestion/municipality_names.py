"""Municipalities by name, whoever wrote it: every spelling that the registers know, and no other.

Belongs here: how a name is compared. Does not belong here: which names there are, which is data
(``municipality_aliases`` among the registers).
"""

import re
from collections.abc import Mapping

from ingestion.text import one_line

WITHOUT_DANISH_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})
# The country, regions, provinces, Christiansø and "not stated", as Danish and English tables have
# them.
NO_MUNICIPALITY_NAME = re.compile(
    r"hele landet|danmark|denmark|all denmark|i alt|total|christiansø|uoplyst|unknown|"
    r"(?:region|landsdel|provins|province)\b.*"
)


def folded(written: str) -> str:
    """A name as it is compared: letters composed, spaces single, small letters."""
    return one_line(written).casefold()


def spellings(municipalities: Mapping[str, str], aliases: Mapping[str, str]) -> dict[str, str]:
    """Code by every spelling as it is compared, also without Danish letters (Hoeje-Taastrup).

    Args:
        municipalities: Danish name by 4-digit code.
        aliases: code by every known spelling of a name.
    """
    known = {**aliases, **{name: code for code, name in municipalities.items()}}
    composed = {folded(name): code for name, code in known.items()}
    plain = {name.translate(WITHOUT_DANISH_LETTERS): code for name, code in composed.items()}
    return {name: code for name, code in {**plain, **composed}.items() if code in municipalities}
