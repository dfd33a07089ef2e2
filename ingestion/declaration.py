"""Source declarations: one YAML file holds every fact about one public table.

Belongs here: the shape of ``ingestion/sources/*.yml`` and ``ingestion/providers.yml``. Does not
belong here: how a provider is asked (``ingestion/protocols``) or how text becomes numbers
(``ingestion/casting.py``). ``python -m ingestion.declaration`` writes the JSON Schema for editors.
"""

import json
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingestion.errors import DeclarationError

SOURCES_FOLDER = Path(__file__).parent / "sources"
PROVIDERS_FILE = Path(__file__).parent / "providers.yml"
SCHEMA_FILE = SOURCES_FOLDER / "source.schema.json"


class Strict(BaseModel):
    """Unknown keys are errors, values cannot be changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ColumnType(StrEnum):
    """How a column's text is read; ``ingestion/casting.py`` has one reader for each."""

    MUNICIPALITY = "municipality"
    CODE = "code"
    INTEGER = "integer"
    DECIMAL = "decimal"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    HOUR = "hour"
    LOCAL_HOUR = "local_hour"


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
MONTH_FORM = "(?:19|20)[0-9]{2}M(?:0[1-9]|1[0-2])"
MEASURES = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
PERIODS = frozenset({ColumnType.YEAR, ColumnType.QUARTER, ColumnType.MONTH, ColumnType.HOUR})


class Column(Strict):
    """One column: the provider's name, ours, and what its values may be.

    ``provider_unit`` is the unit in the provider's words, where those have changed and somebody
    has looked.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    provider_name: str
    type: ColumnType
    description: str
    key: bool = False
    unit: str | None = None
    provider_unit: str | None = None
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    codes: dict[str, str] | None = None

    @model_validator(mode="after")
    def measures_have_units(self) -> "Column":
        """A measure needs a unit, and is never part of the key."""
        if self.type in MEASURES and (self.unit is None or self.key):
            raise ValueError(f"column {self.name}: a measure needs a unit and cannot be a key")
        return self


class StatBankRequest(Strict):
    """A selection in a StatBank table: variable code → codes, ``*`` or a time condition.

    ``geography`` is the variable of municipalities; a table of the country has none.
    """

    protocol: Literal["statbank"]
    geography: str | None = None
    selection: dict[str, list[str]]
    may_be_absent: dict[str, list[str]] = {}
    summed_over: list[str] = []


class Windows(Strict):
    """Figures too many for one request, fetched Danish month by Danish month.

    A month is fetched again until it was fetched once ``look_back_days`` after its end: so long the
    provider corrects it. Months that were never fetched come newest first, ``most_per_run`` a run.
    """

    first: str = Field(pattern=f"^{MONTH_FORM}$")
    look_back_days: int = Field(ge=1)
    most_per_run: int = Field(default=12, ge=1)


class EnergiDataServiceRequest(Strict):
    """A data set, all municipalities in one request; a whole one, or one request per window."""

    protocol: Literal["energidataservice"]
    start: str | None = None
    sort: str
    windows: Windows | None = None

    @model_validator(mode="after")
    def begins_in_one_way(self) -> "EnergiDataServiceRequest":
        """Windows say themselves where they begin."""
        if self.windows and self.start:
            raise ValueError("start and windows.first both say where the data set begins")
        return self


class Measure(Strict):
    """A Klimaregnskabet figure, found by its unit and by words in its name.

    With ``unit_is_enough`` the words only choose between types that share the unit.
    """

    name: str
    units: list[str]
    name_contains: str
    unit_is_enough: bool = False
    sectors: list[str]
    optional_sectors: list[str] = []


class KlimaregnskabetRequest(Strict):
    """One request per municipality and year: the protocol offers no wider one."""

    protocol: Literal["klimaregnskabet"]
    type: str
    first_year: int
    total_sector: str
    measures: list[Measure]
    refetch_days: int = Field(ge=1)


class DmiRequest(Strict):
    """One parameter of DMI's climate data, all municipalities at once, by month or year.

    Earlier figures are corrected without a stamp, so all are read again every ``refetch_days``.
    """

    protocol: Literal["dmi"]
    parameter: str
    resolution: Literal["month", "year"]
    first_year: int
    refetch_days: int = Field(ge=1)


class FileDropRequest(Strict):
    """A CSV or XLSX file, left in ``inbox/<source id>/`` or linked from a page.

    The dialect is declared, never sniffed. The header is the row, among the first
    ``header_within``, that holds most of the declared columns; those of ``left_out`` are dropped
    and may come or go. ``link`` is a pattern that finds the file's
    address on ``page``, for the address itself changes; when several fit, the one whose first
    group is greatest as text is the newest.
    """

    protocol: Literal["file_drop"]
    format: Literal["csv", "xlsx"] = "csv"
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    decimal_mark: Literal[",", "."]
    thousands_mark: Literal[".", ",", " ", ""] = ""
    header_within: int = Field(default=1, ge=1, le=200)
    left_out: list[str] = []
    page: str | None = None
    link: str | None = None

    @model_validator(mode="after")
    def says_what_its_format_needs(self) -> "FileDropRequest":
        """CSV needs a dialect, a workbook a sheet, a page a link."""
        dialect = (self.delimiter, self.encoding)
        if self.format == "csv" and (None in dialect or self.sheet):
            raise ValueError("a csv file needs delimiter and encoding, and has no sheet")
        if self.format == "xlsx" and (dialect != (None, None) or not self.sheet):
            raise ValueError("an xlsx file needs sheet, and has no delimiter or encoding")
        if (self.page is None) != (self.link is None):
            raise ValueError("page and link go together")
        return self


Request = Annotated[
    StatBankRequest
    | EnergiDataServiceRequest
    | KlimaregnskabetRequest
    | DmiRequest
    | FileDropRequest,
    Field(discriminator="protocol"),
]


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
    drift: dict[DriftKind, Policy] = {}
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
