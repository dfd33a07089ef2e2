"""What may not stand in a text that is published: mail addresses, CPR numbers, names of signers."""

import re
from collections.abc import Iterable, Iterator, Mapping

from ingestion.submissions.cells import Place, cell_place
from ingestion.submissions.facts import Fact
from ingestion.submissions.findings import Finding, finding

# What published tables leave out of texts, as in the macro without_mail_addresses: more than what
# is refused, for nobody has to put right what is left out.
LIKE_AN_ADDRESS = r"[^\s@<>]+@[^\s@<>]+"
ADDRESS = re.compile(rf"{LIKE_AN_ADDRESS}\.[^\s@<>]+")
# The day comes first, so that file numbers such as 202401-0001 are none.
CPR = re.compile(r"\b(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}-[0-9]{4}\b")
NAMES = ("prepared_by", "approved_by")


def personal_findings(facts: Iterable[Fact], contacts: Mapping[str, str]) -> Iterator[Finding]:
    """Texts that hold somebody's name or address; what was found is not repeated.

    Args:
        facts: what will be published.
        contacts: private answers, the names of the signers among them.
    """
    names = [contacts[key].casefold() for key in NAMES if len(contacts.get(key, "").split()) > 1]
    for fact in facts:
        if fact.text and _is_personal(fact.text, names):
            place = Place(fact.sheet, *cell_place(fact.cell))
            yield finding("personal-data-in-text", place, field=fact.field)


def _is_personal(text: str, names: Iterable[str]) -> bool:
    folded = " ".join(text.casefold().split())
    is_named = any(name in folded for name in names)
    return is_named or bool(ADDRESS.search(text)) or bool(CPR.search(text))


def without_addresses(text: str) -> str:
    """Text without mail addresses, which are never published."""
    return re.sub(LIKE_AN_ADDRESS, "…", text)
