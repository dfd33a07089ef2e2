"""The registers that dbt reads as seeds, for those who read files by them."""

from collections.abc import Mapping
from functools import cache

from ingestion.declaration import Source
from ingestion.submissions.catalogue import Catalogue, read_catalogue
from orchestration.settings import DBT_PROJECT

REGISTERS = DBT_PROJECT / "seeds"


@cache
def catalogue() -> Catalogue:
    """The registers."""
    return read_catalogue(REGISTERS)


def spellings_for(source: Source) -> Mapping[str, str]:
    """Code by every name of a municipality, where a table has them by name."""
    column = source.municipality
    return catalogue().spellings if column and column.by_name else {}
