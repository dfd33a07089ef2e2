"""How a table is asked for: one shape of request per protocol, as declarations hold it.

Belongs here: what a declaration says in ``request``. Does not belong here: what a table holds
(``ingestion/declaration.py``) or how a protocol is spoken (``ingestion/protocols``).
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ingestion.text import one_line

MONTH_FORM = "(?:19|20)[0-9]{2}M(?:0[1-9]|1[0-2])"
# 2024-05-31, or day first: 31-05-2024, 31.05.2024 and 31/05/2024.
DateForm = Literal["iso", "danish"]


def _as_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no pattern: {error}") from error
    return text


Pattern = Annotated[str, AfterValidator(_as_pattern)]


class Strict(BaseModel):
    """Unknown keys are errors, values cannot be changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


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


class Turned(Strict):
    """Figures of one period each side by side: every title that fits becomes the period of a row.

    ``period`` and ``value`` are the names that the declared columns use for them.
    """

    titles: Pattern
    period: str
    value: str

    def fits(self, title: str) -> bool:
        """Whether a column of this title holds the figures of one period."""
        return re.fullmatch(self.titles, title) is not None


class FileDropRequest(Strict):
    """A CSV or XLSX file, left in ``inbox/<source id>/`` or linked from a page.

    The dialect is declared, never sniffed. The header is the row, among the first
    ``header_within``, that holds most of the declared columns; those of ``left_out``, and those
    that fit ``left_out_like``, are dropped and may come or go; those that are ``turned`` may come
    and go as periods do. ``link`` is a pattern that finds
    the file's address on ``page``, for the address itself changes; when several fit, the one whose
    first group is greatest as text is the newest.
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
    left_out_like: Pattern | None = None
    turned: Turned | None = None
    dates: DateForm = "iso"
    page: str | None = None
    link: Pattern | None = None

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

    def leaves_out(self, title: str) -> bool:
        """Whether a column of this title is dropped; it may come or go."""
        like = self.left_out_like
        return title in map(one_line, self.left_out) or bool(like and re.fullmatch(like, title))


Request = Annotated[
    StatBankRequest
    | EnergiDataServiceRequest
    | KlimaregnskabetRequest
    | DmiRequest
    | FileDropRequest,
    Field(discriminator="protocol"),
]
