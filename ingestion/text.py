"""Text as people type and export it, made comparable: one composition, one kind of space.

Belongs here: what is done to every text of a file before anybody compares it. Does not belong here:
what the text means.
"""

import re
import unicodedata

INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
ODD_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def clean(text: str) -> str:
    """Text in NFC without invisible characters, odd spaces, and white space around it."""
    if not text.isascii():
        text = ODD_SPACES.sub(" ", INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def one_line(text: str) -> str:
    """Clean text with every run of white space as one space: for headers, labels and keys."""
    return " ".join(clean(text).split())
