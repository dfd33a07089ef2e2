"""Source declarations: one YAML file holds every fact about one public table.

Belongs here: the shape of ``ingestion/sources/*.yml`` and ``ingestion/providers.yml``. Does not
belong here: how a provider is asked (``ingestion/protocols``) or how text becomes numbers
(``ingestion/casting.py``). ``python -m ingestion.declaration`` writes the JSON Schema for editors.
"""

import json
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from ingestion.errors import DeclarationError
from ingestion.request import Request, StatBankRequest, Strict, Windows

SOURCES_FOLDER = Path(__file__).parent / "sources"
PROVIDERS_FILE = Path(__file__).parent / "providers.yml"
SCHEMA_FILE = SOURCES_FOLDER / "source.schema.json"


class ColumnType(StrEnum):
    """How a column's text is read; ``ingestion/casting.py`` has one reader for each."""

    MUNICIPALITY = "municipality"
    CODE = "code"
    INTEGER = "integer"
    DECIMAL = "decimal"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    LOCAL_HOUR = "local_hour"
    DATE = "date"


DriftKind = Literal[
    "column_added",
    "column_dropped",
    "column_renamed",
    "column_split",
    "columns_reordered",
    "type_changed",
    "unit_changed",
    "codes_grown",
    "codes_gone",
    "header_moved",
    "sheet_renamed",
    "dialect_changed",
]
Policy = Literal["evolve", "hold", "quarantine"]
MEASURES = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
PERIODS = frozenset(
    {
        ColumnType.YEAR,
        ColumnType.QUARTER,
        ColumnType.MONTH,
        ColumnType.DAY,
        ColumnType.HOUR,
    }
)


class Column(Strict):
    """One column: the provider's name, ours, and what its values may be.

    A ``day`` is a table's period, in a register the day on which a row came about; any other
    ``date`` is a fact about the row. Municipalities are written as codes, or ``by_name``.
    ``provider_unit`` is the unit in the provider's words, where those have changed and somebody
    has looked.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    provider_name: str
    type: ColumnType
    description: str
    key: bool = False
    by_name: bool = False
    unit: str | None = None
    provider_unit: str | None = None
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    codes: dict[str, str] | None = None

    @model_validator(mode="after")
    def measures_have_units(self) -> "Column":
        """A measure needs a unit, and is never part of the key; names are of municipalities."""
        if self.type in MEASURES and (self.unit is None or self.key):
            raise ValueError(f"column {self.name}: a measure needs a unit and cannot be a key")
        if self.by_name and self.type is not ColumnType.MUNICIPALITY:
            raise ValueError(f"column {self.name}: by_name is of municipalities only")
        return self


class Cadence(StrEnum):
    """How often the provider publishes new figures."""

    DAILY = "daily"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"

    @property
    def days(self) -> int:
        """Length of one period in days."""
        return {"daily": 1, "monthly": 30, "quarterly": 91, "yearly": 365}[self.value]


class Publisher(Strict):
    """Whose figures they are, and on what terms they may be used."""

    producer: str
    licence: str
    licence_url: str
    attribution: str
    redistribution: str


class Source(Strict):
    """Every fact about one public table; the file's name is its ``id``."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    provider: str
    table: str
    title: str
    title_da: str
    url: str
    documentation_url: str
    cadence: Cadence
    publication_lag_days: int = Field(ge=0)
    owner: str
    staging_model: str = Field(pattern=r"^stg_[a-z0-9]+__[a-z0-9_]+$")
    unknown_municipalities: Literal["refuse", "set_aside"] = "refuse"
    published_by: Publisher | None = None
    drift: dict[DriftKind, Policy] = Field(default={})
    request: Request
    columns: list[Column]

    def __hash__(self) -> int:
        """Declarations are told apart by their id."""
        return hash(self.id)

    @property
    def key(self) -> list[str]:
        """Our names of the key columns, in declared order."""
        return [column.name for column in self.columns if column.key]

    @property
    def measures(self) -> list[Column]:
        """The columns that hold numbers."""
        return [column for column in self.columns if column.type in MEASURES]

    @property
    def frame_columns(self) -> list[str]:
        """Columns of an accepted frame: every measure is followed by why it may be missing."""
        names = []
        for column in self.columns:
            names += (
                [column.name, f"{column.name}_missing"]
                if column.type in MEASURES
                else [column.name]
            )
        return [*names, "row_key"]

    @property
    def municipality(self) -> Column | None:
        """The column of municipalities; a table of the country has none."""
        return next((c for c in self.columns if c.type is ColumnType.MUNICIPALITY), None)

    @property
    def period(self) -> Column:
        """The one column that says when."""
        return next(column for column in self.columns if column.type in PERIODS)

    @property
    def is_register(self) -> bool:
        """Whether rows are things, each of the day it came about, and no figures of periods."""
        return self.period.type is ColumnType.DAY

    @property
    def windows(self) -> Windows | None:
        """How the table is cut into months, where it is."""
        return getattr(self.request, "windows", None)

    @property
    def publisher(self) -> Publisher:
        """Who is to be named, as the declaration says or else ``providers.yml``."""
        return self.published_by or load_providers()[self.provider]

    @property
    def asset_key(self) -> list[str]:
        """The asset's address in the graph: provider, then table."""
        return [self.provider, self.id.removeprefix(f"{self.provider}_")]

    @model_validator(mode="after")
    def somebody_is_named(self) -> "Source":
        """A provider that is not among ``providers.yml`` says who it is in the declaration."""
        if self.published_by is None and self.provider not in load_providers():
            raise ValueError(
                f"provider {self.provider!r} is not in providers.yml, so published_by is needed"
            )
        return self

    @model_validator(mode="after")
    def one_period_and_a_key(self) -> "Source":
        """A table needs exactly one period column, at most one of municipalities, and a key."""
        types = [column.type for column in self.columns]
        if sum(kind in PERIODS for kind in types) != 1 or types.count(ColumnType.MUNICIPALITY) > 1:
            raise ValueError("one period column is needed, and at most one of municipalities")
        if isinstance(self.request, StatBankRequest):
            is_municipal = self.request.geography is not None
            if is_municipal != (self.municipality is not None):
                raise ValueError("request.geography and a municipality column go together")
        names = [column.name for column in self.columns]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two columns are called {', '.join(twice)}")
        if not self.key or not self.measures:
            raise ValueError("at least one key column and one measure are needed")
        if (self.period.type is ColumnType.HOUR) != (self.windows is not None):
            raise ValueError("hours are fetched in windows, and windows are of hours")
        return self


class Provider(Publisher):
    """What all tables of a provider share; without an address, its files are left in the inbox."""

    id: str
    name: str
    base_url: str | None = None
    pace_seconds: float = Field(default=0, ge=0)
    requests_per_day: int = Field(default=100, ge=1)


def _read_yaml(path: Path) -> Any:
    return yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def load_source(path: Path) -> Source:
    """Read one declaration.

    Raises:
        DeclarationError: naming the file, the field and what is wrong with it.
    """
    try:
        source = Source.model_validate(_read_yaml(path))
    except (ValidationError, yaml.YAMLError) as error:
        raise DeclarationError(f"{path.name}: {error}. Edit {path.name}.") from error
    if source.id != path.stem:
        raise DeclarationError(f"{path.name}: id is {source.id!r}. Name the file {source.id}.yml.")
    return source


@cache
def load_sources(folder: Path = SOURCES_FOLDER) -> tuple[Source, ...]:
    """Every declared source, by id; a new file is a new source."""
    return tuple(load_source(path) for path in sorted(folder.glob("*.yml")))


@cache
def load_providers(path: Path = PROVIDERS_FILE) -> dict[str, Provider]:
    """Every provider, by id."""
    return {entry["id"]: Provider.model_validate(entry) for entry in _read_yaml(path)}


def provider_urls() -> dict[str, str]:
    """The default address of every provider that is asked over HTTP, by id."""
    return {p.id: p.base_url for p in load_providers().values() if p.base_url}


def source_by_id(source_id: str) -> Source:
    """The declaration with this id.

    Raises:
        DeclarationError: when there is none; the message lists those there are.
    """
    known = {source.id: source for source in load_sources()}
    if source_id not in known:
        raise DeclarationError(f"No source {source_id!r}. Declared: {', '.join(known)}.")
    return known[source_id]


def write_schema() -> None:
    """Write the JSON Schema that editors use to complete and check declarations."""
    text = json.dumps(Source.model_json_schema(), indent=2, ensure_ascii=False)
    SCHEMA_FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_schema()
