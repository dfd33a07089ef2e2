"""From a provider's own description of a table to a draft of its declaration.

Belongs here: what a description says (columns, codes, units, cadence) and what it leaves open; one
module per protocol. Does not belong here: the files that are written of a draft, which other
packages read (``orchestration/new_source.py``). Whatever a person must decide is a note at its
field, never a silent guess.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ingestion.declaration import Cadence, ColumnType, Source, load_providers
from ingestion.drafting.sql_words import SQL_WORDS
from ingestion.errors import DeclarationError
from ingestion.protocols import Answer

if TYPE_CHECKING:
    import pandas as pd

CADENCES = {
    ColumnType.YEAR: Cadence.YEARLY,
    ColumnType.QUARTER: Cadence.QUARTERLY,
    ColumnType.MONTH: Cadence.MONTHLY,
    ColumnType.DAY: Cadence.MONTHLY,
}
PROTOCOLS = ("energidataservice", "statbank")
DANISH = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


@dataclass(frozen=True)
class Wanted:
    """What a new source is to be called, and where its table is.

    ``entity`` is what a row is, in the plural; ``table`` the provider's name of it. A file is given
    as it lies here, or by the page that links to it and a pattern of the link. ``spellings`` is
    code by every name of a municipality, for files that have no codes; ``decimal_mark`` is said
    where a file does not show it.
    """

    source_id: str
    entity: str
    provider: str
    table: str | None = None
    file: Path | None = None
    page: str | None = None
    link: str | None = None
    decimal_mark: str | None = None
    spellings: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_of_an_unlisted_provider(self) -> bool:
        """Whether the declaration must say itself whose figures they are."""
        return self.provider not in load_providers()

    @property
    def table_name(self) -> str:
        """The provider's name of the table; the entity in capitals when none was given."""
        return self.table or self.entity.upper()


@dataclass(frozen=True)
class Sample:
    """The newest periods as they came, cast by the draft, and the table's description."""

    answer: Answer
    description: dict[str, Any]
    frame: "pd.DataFrame"


@dataclass(frozen=True)
class Draft:
    """A declaration, what a person must decide at which of its fields, and a sample of the table.

    ``notes`` are keyed by the field's path: ``unit`` of the column ``value`` is
    ``columns.value.unit``.
    """

    declaration: dict[str, Any]
    notes: dict[str, str]
    sample: Sample

    @property
    def source(self) -> Source:
        """The draft as the declaration that it will be read as."""
        return Source.model_validate(self.declaration)


def drafter(wanted: Wanted) -> ModuleType:
    """The module that can describe what is wanted; it offers ``draft``.

    A file is described by a sample, whoever has it; a provider without an address has files only.

    Raises:
        DeclarationError: the provider describes nothing that a program can read.
    """
    known = load_providers().get(wanted.provider)
    if wanted.file or wanted.page or known is None or known.base_url is None:
        return import_module("ingestion.drafting.file")
    if wanted.provider not in PROTOCOLS:
        raise DeclarationError(
            f"Tables of {wanted.provider!r} cannot be drafted; only files and those of "
            f"{', '.join(PROTOCOLS)} describe themselves. Copy the nearest declaration instead "
            "(CONTRIBUTING.md)."
        )
    return import_module(f"ingestion.drafting.{wanted.provider}")


def column_name(text: str) -> str:
    """A name for a column out of the provider's words.

    Raises:
        DeclarationError: no letter is left of them.
    """
    name = re.sub(r"[^a-z0-9]+", "_", text.lower().translate(DANISH)).strip("_")
    if not re.match(r"[a-z]", name):
        raise DeclarationError(f"{text!r} gives no name for a column. Declare the table by hand.")
    return f"{name}_name" if name in SQL_WORDS else name


def retired(description: dict[str, Any]) -> dict[str, str]:
    """A note when the provider says that it no longer updates the table."""
    if description.get("active", True):
        return {}
    return {"table": "the provider no longer updates it; is there a newer one?"}
