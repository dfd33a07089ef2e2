"""DMI's climate data, as documented at https://www.dmi.dk/friedata/dokumentation/climate-data.

An interface of OGC API - Features: GeoJSON, one feature per municipality and period, in pages that
link to the next. It has no stamp of change, so a look reads the newest feature, and the whole table
is read again when that differs or ``refetch_days`` have passed. The bytes of a release are the
pages as they came, one JSON line each. A period that is not over is not asked for.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from ingestion.declaration import Source
from ingestion.drift import Shape
from ingestion.errors import AnswerError
from ingestion.http import require_not_html
from ingestion.protocols import Access, Answer, Conventions, Look
from ingestion.request import DmiRequest
from ingestion.windows import COPENHAGEN

if TYPE_CHECKING:
    import pandas as pd

PAGE_SIZE = 10_000
MOST_PAGES = 50
# A period begins and ends at midnight by the Danish clock or by UTC, two hours apart at most.
CLOCKS_DIFFER = timedelta(hours=3)
PERIODS = {"month": "%YM%m", "year": "%Y"}
Properties = dict[str, Any]


def conventions(source: Source) -> Conventions:  # noqa: ARG001 - every source speaks alike here
    """JSON numbers; a null is "empty"."""
    return Conventions(decimal_mark=".", missing={"": "empty"})


def look(source: Source, access: Access) -> Look:
    """Read the newest feature; the stamp also turns every ``refetch_days`` and with a new period.

    Raises:
        AnswerError: there is no feature at all.
    """
    page = _page(source, access, _query(source, access) | {"sortorder": "from,DESC", "limit": "1"})
    newest = next(iter(_properties(source.id, page)), None)
    if newest is None:
        raise AnswerError("answer-empty", f"{source.id}: {source.table} holds no features.")
    told = json.dumps(newest, sort_keys=True)
    digest = hashlib.sha256(told.encode()).hexdigest()[:16]
    turn = access.now.toordinal() // _request(source).refetch_days
    stamp = f"{access.base_url}|{source.table}|{digest}|{turn}|{_until(source, access.now):%Y-%m}"
    return Look(stamp, _text(newest.get("created")) or None)


def fetch(source: Source, access: Access, look: Look) -> Answer:  # noqa: ARG001 - one signature for all
    """All municipalities and all periods that are over, page by page.

    Raises:
        AnswerError: the pages do not end.
    """
    first = _query(source, access) | {"limit": str(PAGE_SIZE)}
    query: dict[str, str] | None = first
    lines: list[str] = []
    while query is not None:
        if len(lines) == MOST_PAGES:
            raise AnswerError("answer-endless", f"{source.id}: page {MOST_PAGES} links to another.")
        page = _page(source, access, query)
        lines.append(page)
        query = _next(source.id, page)
    content = "".join(json.dumps({"body": page}, ensure_ascii=False) + "\n" for page in lines)
    until = _until(source, access.now).isoformat()
    asked = {"params": first, "pages": len(lines), "until": until}
    return Answer(content.encode(), "jsonl", _url(source, access), asked)


def parse(source: Source, content: bytes, request: Mapping[str, Any]) -> "pd.DataFrame":
    """Features to a frame of text: municipality, period, value; of doubled ones the newest.

    Raises:
        AnswerError: pages or features are missing, or a feature is of another parameter or period
            than was asked for.
    """
    import pandas as pd

    pages = [json.loads(line)["body"] for line in content.splitlines()]
    if len(pages) != request["pages"]:
        raise AnswerError("answer-short", f"{source.id}: {len(pages)} of {request['pages']} pages.")
    since, until = _since(source), datetime.fromisoformat(request["until"])
    resolution = _request(source).resolution
    newest: dict[tuple[str, str], tuple[datetime, str]] = {}
    for told in (p for page in pages for p in _properties(source.id, page)):
        _require_asked(source, told)
        start = _start(source, told)
        if not since <= start < until:
            continue
        key = _field(source, told, "municipalityId"), start.strftime(PERIODS[resolution])
        figure = _created(source, told), _field(source, told, "value")
        if key in newest and newest[key][0] == figure[0] and newest[key] != figure:
            raise AnswerError(
                "figure-ambiguous", f"{source.id}: {key} comes twice, created at the same moment."
            )
        newest[key] = max(newest.get(key, figure), figure)
    if not newest:
        raise AnswerError("answer-empty", f"{source.id}: the answer holds no finished period.")
    rows = [(*key, value) for key, (_, value) in newest.items()]
    return pd.DataFrame(rows, columns=["municipalityId", "period", "value"], dtype=str)


def shape(source: Source, look: Look, content: bytes | None) -> Shape:  # noqa: ARG001
    """The properties of the first feature; what they must be is judged by ``parse``."""
    try:
        page = json.loads((content or b"").splitlines()[0])["body"]
        return Shape(offered=tuple(sorted(json.loads(page)["features"][0]["properties"])))
    except (ValueError, KeyError, IndexError, TypeError):
        return Shape()


def _query(source: Source, access: Access) -> dict[str, str]:
    """One parameter in one resolution, from the first year until the last period that is over."""
    request = _request(source)
    bounds = (_since(source), _until(source, access.now))
    written = [f"{bound.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for bound in bounds]
    return {
        "parameterId": request.parameter,
        "timeResolution": request.resolution,
        "datetime": "/".join(written),
    }


def _since(source: Source) -> datetime:
    """Danish midnight at which the first year began."""
    return datetime(_request(source).first_year, 1, 1, tzinfo=COPENHAGEN)


def _until(source: Source, now: datetime) -> datetime:
    """Danish midnight at which the period that is not over began."""
    local = now.astimezone(COPENHAGEN)
    month = 1 if _request(source).resolution == "year" else local.month
    return datetime(local.year, month, 1, tzinfo=COPENHAGEN)


def _url(source: Source, access: Access) -> str:
    return f"{access.base_url}/collections/{source.table}/items"


def _page(source: Source, access: Access, query: Mapping[str, str]) -> str:
    url = _url(source, access)
    body = access.client.send("GET", url, pace_key=source.table, params=dict(query))
    require_not_html(url, body)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise AnswerError("encoding", f"{url}: the answer is not UTF-8: {error}.") from error


def _next(place: str, page: str) -> dict[str, str] | None:
    """The query of the next page; None on the last one, and after one without features."""
    payload = _payload(place, page)
    links = [link for link in payload.get("links") or [] if isinstance(link, dict)]
    href = next((str(link.get("href", "")) for link in links if link.get("rel") == "next"), "")
    return dict(parse_qsl(urlsplit(href).query)) if href and payload["features"] else None


def _properties(place: str, page: str) -> Iterator[Properties]:
    """The properties of the features of a page."""
    for feature in _payload(place, page)["features"]:
        told = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(told, dict):
            raise AnswerError("answer-shape", f"{place}: a feature has no properties.")
        yield told


def _payload(place: str, page: str) -> dict[str, Any]:
    """A page, numbers left as text, with as many features as it says."""
    try:
        payload = json.loads(page, parse_float=str, parse_int=str)
    except ValueError as error:
        raise AnswerError("answer-json", f"{place}: the answer is not JSON: {error}.") from error
    features = payload.get("features") if isinstance(payload, dict) else None
    if not isinstance(features, list):
        raise AnswerError("answer-shape", f"{place}: the answer has no list of features.")
    returned = payload.get("numberReturned")
    if returned is not None and returned != str(len(features)):
        raise AnswerError(
            "answer-short", f"{place}: {returned} features are announced, {len(features)} came."
        )
    return dict(payload)


def _require_asked(source: Source, told: Properties) -> None:
    request = _request(source)
    asked = {"parameterId": request.parameter, "timeResolution": request.resolution}
    came = {name: _field(source, told, name) for name in asked}
    if came != asked:
        raise AnswerError("answer-other", f"{source.id}: asked for {asked}, but {came} came.")


def _start(source: Source, told: Properties) -> datetime:
    """Danish midnight at which a feature's period began.

    Raises:
        AnswerError: it does not span one whole month, or year.
    """
    began, ended = (_moment(source, _field(source, told, name)) for name in ("from", "to"))
    inside = began + CLOCKS_DIFFER
    is_year = _request(source).resolution == "year"
    start = datetime(inside.year, 1 if is_year else inside.month, 1, tzinfo=COPENHAGEN)
    after = (start + timedelta(days=370 if is_year else 32)).replace(day=1)
    end = after.replace(month=1) if is_year else after
    if abs(began - start) >= CLOCKS_DIFFER or abs(ended - end) >= CLOCKS_DIFFER:
        resolution = _request(source).resolution
        raise AnswerError("period-form", f"{source.id}: {began} to {ended} is no {resolution}.")
    return start


def _created(source: Source, told: Properties) -> datetime:
    """When a feature was made: of two for one period, the later counts."""
    text = _text(told.get("created"))
    return _moment(source, text) if text else datetime(1, 1, 2, tzinfo=UTC)


def _moment(source: Source, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise AnswerError("period-form", f"{source.id}: {error}.") from error
    if moment.tzinfo is None:
        raise AnswerError("period-form", f"{source.id}: {text!r} does not say by which clock.")
    return moment.astimezone(COPENHAGEN)


def _field(source: Source, told: Properties, name: str) -> str:
    if name not in told:
        came = ", ".join(sorted(told))
        raise AnswerError("column-missing", f"{source.id}: no property {name} among {came}.")
    return _text(told[name])


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _request(source: Source) -> DmiRequest:
    if not isinstance(source.request, DmiRequest):
        raise TypeError(f"{source.id} does not speak dmi")
    return source.request
