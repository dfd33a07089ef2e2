"""One module per provider protocol; a source says which in ``request.protocol``.

A protocol looks (has anything changed?), fetches (bytes and what was asked for) and parses (bytes
to a frame of text in the provider's own column names). It decides nothing about good and bad
values: that is casting and gate 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from ingestion.declaration import Source
from ingestion.drift import Shape
from ingestion.http import HttpClient
from ingestion.request import DateForm
from ingestion.windows import Window

if TYPE_CHECKING:
    import pandas as pd


# Attribute of a frame of text: the number of each row in the file it stands in.
FILE_ROWS = "file_rows"


@dataclass(frozen=True)
class Conventions:
    """How numbers and dates are written in an answer: declared, never sniffed."""

    decimal_mark: str = "."
    thousands_mark: str = ""
    missing: Mapping[str, str] = field(default_factory=dict)
    dates: DateForm = "iso"


@dataclass(frozen=True)
class Access:
    """How to reach one provider tonight: client, address, key, clock and inbox.

    ``embedded`` is the snapshot's folder of dropped files, which go before those of the inbox;
    ``last_stamp`` what the last look at this very source told.
    """

    client: HttpClient
    base_url: str
    now: datetime
    api_key: str | None = None
    inbox: Path | None = None
    embedded: Path | None = None
    last_stamp: str | None = None


@dataclass(frozen=True)
class Look:
    """What a first, cheap look at a source told.

    ``stamp`` changes whenever the provider says that the data changed; ``detail`` is the
    provider's description of the table, so that it is not asked for twice.
    """

    stamp: str
    provider_updated_at: str | None = None
    is_active: bool = True
    detail: Any = None


@dataclass(frozen=True)
class Answer:
    """The bytes of one release as they came, with the request that a reader can repeat."""

    content: bytes
    extension: str
    url: str
    request: dict[str, Any]


class ProviderProtocol(Protocol):
    """What every module of this package offers."""

    def look(self, source: Source, access: Access) -> Look:
        """Ask the provider, cheaply, whether the table changed."""

    def fetch(self, source: Source, access: Access, look: Look) -> Answer:
        """Fetch the whole declared selection, proven complete as far as the protocol allows."""

    def parse(self, source: Source, content: bytes, request: Mapping[str, Any]) -> "pd.DataFrame":
        """Bytes to text cells, columns in the provider's names.

        Raises:
            AnswerError: when the answer is not what was asked for.
        """

    def shape(self, source: Source, look: Look, content: bytes | None) -> Shape:
        """What the answer looks like, or its description alone; never raises for a bad one."""

    def conventions(self, source: Source) -> Conventions:
        """How this provider writes numbers and missing values."""


class WindowedProtocol(ProviderProtocol, Protocol):
    """What a module offers whose sources may be fetched in windows."""

    def fetch_window(self, source: Source, access: Access, window: Window) -> Answer:
        """Fetch the declared selection of one window."""

    def asked_alike(self, source: Source, request: Mapping[str, Any]) -> bool:
        """Whether an earlier request asked for the columns that are declared now."""


def windowed_protocol_for(source: Source) -> WindowedProtocol:
    """The module that speaks the protocol of a source that is fetched in windows."""
    return cast("WindowedProtocol", protocol_for(source))


def protocol_for(source: Source) -> ProviderProtocol:
    """The module that speaks this source's protocol."""
    return cast("ProviderProtocol", import_module(f"ingestion.protocols.{source.request.protocol}"))
