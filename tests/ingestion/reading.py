"""How the tests read a source: over loopback, or from the embedded snapshot."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import pandas as pd
import pytest
import requests

from ingestion.casting import Cast, cast
from ingestion.declaration import Source, load_sources, provider_urls, source_by_id
from ingestion.errors import SourceError
from ingestion.geography import KNOWN_MUNICIPALITIES
from ingestion.http import MAX_BYTES, HttpClient, Pace, build_session
from ingestion.protocols import Access, Answer, Look, protocol_for
from ingestion.transport import embedded_files, is_embedded, open_session
from orchestration.registers import spellings_for
from tests.providers.server import Providers

# Sources whose tables the snapshot holds; the others are asked of their providers only.
EMBEDDED = tuple(source for source in load_sources() if is_embedded(source))
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def quick_session() -> requests.Session:
    """The product's session, without the growing pauses between its retries."""
    session = build_session()
    for adapter in session.adapters.values():
        adapter.max_retries.backoff_factor = 0  # type: ignore[attr-defined]
    return session


def client(max_bytes: int = MAX_BYTES) -> HttpClient:
    return HttpClient(quick_session(), Pace(0), max_bytes)


def over_loopback(providers: Providers, source: Source, **changes: Any) -> Access:
    """Access to the source's provider on 127.0.0.1."""
    given = {"client": client(), "base_url": providers.url(source.provider), "now": NOW}
    return Access(**{**given, "api_key": "a key", **changes})


def look_and_fetch(source: Source, access: Access) -> tuple[Look, Answer]:
    protocol = protocol_for(source)
    look = protocol.look(source, access)
    return look, protocol.fetch(source, access, look)


def read_text(source: Source, access: Access) -> pd.DataFrame:
    """Look, fetch and parse."""
    answer = look_and_fetch(source, access)[1]
    return protocol_for(source).parse(source, answer.content, answer.request)


def cast_text(source: Source, text: pd.DataFrame) -> Cast:
    conventions, names = protocol_for(source).conventions(source), spellings_for(source)
    return cast(text, source, conventions, KNOWN_MUNICIPALITIES, names)


@cache
def _snapshot_text(source_id: str) -> pd.DataFrame:
    source = source_by_id(source_id)
    urls = provider_urls()
    reader = HttpClient(open_session("snapshot", urls), Pace(0))
    url, embedded = urls.get(source.provider, ""), embedded_files("snapshot")
    return read_text(source, Access(reader, url, NOW, "a key", embedded=embedded))


def snapshot_text(source_id: str) -> pd.DataFrame:
    """The text of a whole source as the snapshot answers it; yours to change."""
    return _snapshot_text(source_id).copy()


@cache
def _snapshot_cast(source_id: str) -> Cast:
    return cast_text(source_by_id(source_id), snapshot_text(source_id))


def snapshot_frame(source_id: str) -> pd.DataFrame:
    """The typed rows of the same, yours to change."""
    read = _snapshot_cast(source_id)
    assert read.findings == ()
    return read.frame.copy()


def refusal(source: Source, access: Access) -> SourceError:
    """Why look, fetch or parse refused; fails when nothing did."""
    with pytest.raises(SourceError) as caught:
        read_text(source, access)
    return caught.value
