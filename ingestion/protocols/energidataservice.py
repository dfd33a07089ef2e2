"""Energinet's Energi Data Service, as documented at https://www.energidataservice.dk/guides.

Look = ``GET /meta/dataset/<name>``; fetch = one ``GET /dataset/<name>`` for all municipalities
and all columns that are declared, ``limit=0``, of the whole data set or of one window. The answer
says how many records there are, and that many must have come. "Too many requests" also comes with
status 200.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ingestion.declaration import Source
from ingestion.drift import Shape
from ingestion.errors import AnswerError, ProviderError
from ingestion.http import require_not_html
from ingestion.protocols import Access, Answer, Conventions, Look
from ingestion.request import EnergiDataServiceRequest
from ingestion.windows import Window

if TYPE_CHECKING:
    import pandas as pd

SECONDS = re.compile(r"in (\d+) seconds")
DEFAULT_WAIT_SECONDS = 60.0
MISSING = {"": "empty"}


def conventions(source: Source) -> Conventions:  # noqa: ARG001 - every source speaks alike here
    """JSON numbers: decimal point; null and absent are both "empty"."""
    return Conventions(decimal_mark=".", missing=MISSING)


def look(source: Source, access: Access) -> Look:
    """Read the data set's description; ``lastDataUpdate`` is the stamp."""
    info = describe(access, source.table)
    updated = str(info.get("lastDataUpdate") or info.get("dataTo") or "")
    stamp = f"{access.base_url}|{source.table}|{updated}"
    return Look(stamp, updated or None, bool(info.get("active", True)), info)


def describe(access: Access, table: str) -> dict[str, Any]:
    """A data set's description: title, when it was updated, columns with their units."""
    url = f"{access.base_url}/meta/dataset/{table}"
    body = access.client.send("GET", url, pace_key=f"meta/{table}", rate_limited=rate_limited)
    if not body:
        raise ProviderError("dataset-unknown", f"{url}: the provider has no data set {table}.")
    return _read_json(url, body)


def fetch(source: Source, access: Access, look: Look) -> Answer:  # noqa: ARG001 - one signature for all
    """All records of all municipalities in one request."""
    start = _request(source).start
    return _records(source, access, {"start": start} if start else {})


def fetch_window(source: Source, access: Access, window: Window) -> Answer:
    """The records of one window."""
    return fetch_between(source, access, window.start, window.end)


def fetch_between(source: Source, access: Access, start: datetime, end: datetime) -> Answer:
    """The records from one moment to another, which is exclusive; both in UTC."""
    bounds = {"start": f"{start:%Y-%m-%dT%H:%M}", "end": f"{end:%Y-%m-%dT%H:%M}"}
    return _records(source, access, {**bounds, "timezone": "UTC"})


def asked_alike(source: Source, request: Mapping[str, Any]) -> bool:
    """Whether the records that were asked for then have the columns that are declared now."""
    asked = str(request["params"]["columns"]).split(",")
    return {column.provider_name for column in source.columns} == set(asked)


def _records(source: Source, access: Access, between: dict[str, str]) -> Answer:
    url = f"{access.base_url}/dataset/{source.table}"
    columns = ",".join(column.provider_name for column in source.columns)
    params = {**between, "columns": columns, "sort": _request(source).sort, "limit": "0"}
    body = access.client.send(
        "GET", url, pace_key=f"dataset/{source.table}", params=params, rate_limited=rate_limited
    )
    require_not_html(url, body)
    return Answer(body, "json", url, {"params": params})


def rate_limited(body: bytes) -> float | None:
    """Seconds to wait when a body with status 200 says "rate limit is exceeded"."""
    if b'"statusCode"' not in body[:200] or b"429" not in body[:200]:
        return None
    found = SECONDS.search(body[:500].decode("utf-8", errors="replace"))
    return float(found.group(1)) if found else DEFAULT_WAIT_SECONDS


def parse(source: Source, content: bytes, request: Mapping[str, Any]) -> "pd.DataFrame":  # noqa: ARG001
    """Records to a frame of text, proven to be as many as the answer says there are.

    Raises:
        AnswerError: no JSON, no records, or ``total`` differs from the records that came.
    """
    import pandas as pd

    payload = _read_json(source.table, content)
    records = payload.get("records")
    if not isinstance(records, list) or not all(isinstance(row, dict) for row in records):
        raise AnswerError("answer-shape", f"{source.table}: the answer has no list of records.")
    total = payload.get("total")
    if total is not None and str(total) != str(len(records)):
        raise AnswerError(
            "answer-short", f"{source.table}: total says {total}, but {len(records)} records came."
        )
    if not records:
        raise AnswerError("answer-empty", f"{source.table}: the answer holds no records.")
    rows = [{name: _text(value) for name, value in record.items()} for record in records]
    return pd.DataFrame(rows, dtype=str).fillna("")


def shape(source: Source, look: Look, content: bytes | None) -> Shape:
    """Declared columns that are described, or came; units and types as described."""
    info: dict[str, Any] = look.detail if isinstance(look.detail, dict) else {}
    described = [c for c in info.get("columns", []) if isinstance(c, dict) and "dbColumn" in c]
    offered = [c["dbColumn"] for c in described]
    declared = {column.provider_name for column in source.columns}
    came = _columns_that_came(content) if content else [n for n in offered if n in declared]
    return Shape(
        columns=tuple(came),
        offered=tuple(offered),
        units={c["dbColumn"]: str(c["unit"]) for c in described if c.get("unit")},
        types={c["dbColumn"]: str(c["dataType"]) for c in described if c.get("dataType")},
    )


def _columns_that_came(content: bytes) -> list[str]:
    """Of the first record; none when the answer is not one of records."""
    try:
        records = json.loads(content.decode("utf-8-sig"), strict=False)["records"]
        return [str(name) for name in records[0]]
    except (ValueError, KeyError, IndexError, TypeError):
        return []


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _request(source: Source) -> EnergiDataServiceRequest:
    if not isinstance(source.request, EnergiDataServiceRequest):
        raise TypeError(f"{source.id} does not speak energidataservice")
    return source.request


def _read_json(place: str, body: bytes) -> dict[str, Any]:
    """JSON with numbers left as text; raw newlines inside strings occur and are allowed."""
    require_not_html(place, body)
    try:
        payload = json.loads(body.decode("utf-8-sig"), parse_float=str, parse_int=str, strict=False)
    except ValueError as error:
        raise AnswerError("answer-json", f"{place} is not JSON: {error}.") from error
    if not isinstance(payload, dict):
        raise AnswerError("answer-shape", f"{place}: expected an object, got {payload!r:.100}")
    return payload
