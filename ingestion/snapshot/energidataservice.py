"""Energinet's Energi Data Service: ``GET /dataset/<name>`` and ``GET /meta/dataset/<name>``.

Times are compared as text, after the missing end of a bound such as ``2026-01`` is filled in:
the data sets held are stamped by month, so ``timezone`` changes nothing. Bounds relative to now
(``now-P1D``, ``StartOfYear``) are refused.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from ingestion.snapshot.protocol import Answer, Request, json_answer, text_answer
from ingestion.snapshot.storage import has_file, read_json, read_text

DEFAULT_LIMIT = 100
BOUND = re.compile(r"\d{4}-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?)?)?")
EARLIEST = "0000-01-01T00:00:00"
Record = dict[str, Any]


class BadRequestError(Exception):
    """The request cannot be answered; the message is the provider's answer."""


def answer(request: Request) -> Answer:
    """Route the two kinds of request; everything else does not exist."""
    match request.path.strip("/").split("/"):
        case ["dataset", name] if request.method == "GET":
            return _dataset(name, request)
        case ["meta", "dataset", name] if request.method == "GET":
            return _meta(name)
    return json_answer({"statusCode": 404, "message": "Resource not found"}, 404)


def _meta(name: str) -> Answer:
    """The description of a data set, or 204 for one that is unknown."""
    path = f"energidataservice/{name}.meta.json"
    if not _is_name(name) or not has_file(path):
        return Answer(204)
    return text_answer(read_text(path), media_type="application/json")


def _dataset(name: str, request: Request) -> Answer:
    path = f"energidataservice/{name}.json"
    if not _is_name(name) or not has_file(path):
        return text_answer(f"dataset not found {name}", 404)
    try:
        return json_answer(_envelope(name, read_json(path)["records"], request))
    except BadRequestError as error:
        return text_answer(str(error), 400)


def _envelope(name: str, records: list[Record], request: Request) -> Record:
    """Filter, sort, count, cut and project, in this order."""
    query = request.query
    known = list(records[0])
    chosen = _between(records, query.get("start", ""), query.get("end", ""), time=known[0])
    chosen = _sorted(
        _filtered(chosen, query.get("filter", ""), known), query.get("sort", ""), known
    )
    limit = _count(request, "limit", 0 if query.get("start") else DEFAULT_LIMIT)
    offset = _count(request, "offset", 0)
    page = chosen[offset : offset + limit] if limit else chosen[offset:]
    return {
        "total": len(chosen),
        "limit": limit,
        "filters": query.get("filter", ""),
        "sort": query.get("sort", ""),
        "dataset": name,
        "records": _projected(page, query.get("columns", ""), known),
    }


def _between(records: list[Record], start: str, end: str, *, time: str) -> list[Record]:
    """Records from ``start`` (inclusive) to ``end`` (exclusive)."""
    first = _bound("start", start) if start else ""
    last = _bound("end", end) if end else "9999"
    return [record for record in records if first <= record[time] < last]


def _bound(name: str, text: str) -> str:
    if not BOUND.fullmatch(text):
        raise BadRequestError(f"Invalid {name} {text}")
    return text + EARLIEST[len(text) :]


def _filtered(records: list[Record], text: str, known: Sequence[str]) -> list[Record]:
    """Records whose columns hold one of the wanted values: ``{"MunicipalityNo":["101"]}``."""
    if not text:
        return records
    try:
        wanted = json.loads(text)
    except ValueError as error:
        raise BadRequestError(f"Invalid filter {text}") from error
    if not isinstance(wanted, dict):
        raise BadRequestError(f"Invalid filter {text}")
    _require_known(wanted, known)
    tests = {column: _values(values) for column, values in wanted.items()}
    return [r for r in records if all(str(r[c]) in values for c, values in tests.items())]


def _values(wanted: Any) -> set[str]:
    return {str(value) for value in (wanted if isinstance(wanted, list) else [wanted])}


def _sorted(records: list[Record], text: str, known: Sequence[str]) -> list[Record]:
    """Records by ``Month asc,MunicipalityNo desc``; nulls come first, text is compared as text."""
    terms = [term.split() for term in text.split(",") if term.strip()]
    _require_known([term[0] for term in terms], known)
    for column, *direction in reversed(terms):
        is_descending = [word.lower() for word in direction] == ["desc"]
        records = sorted(records, key=_key(column), reverse=is_descending)
    return records


def _key(column: str) -> Callable[[Record], tuple[bool, Any]]:
    def key(record: Record) -> tuple[bool, Any]:
        value = record[column]
        return value is not None, 0 if value is None else value

    return key


def _projected(records: list[Record], text: str, known: Sequence[str]) -> list[Record]:
    columns = [name.strip() for name in text.split(",") if name.strip()] or list(known)
    _require_known(columns, known)
    return [{column: record[column] for column in columns} for record in records]


def _require_known(columns: Sequence[str] | dict[str, Any], known: Sequence[str]) -> None:
    for column in columns:
        if column not in known:
            raise BadRequestError(f"Invalid column {column}")


def _count(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit():
        raise BadRequestError(f"Invalid {name} {text}")
    return int(text)


def _is_name(name: str) -> bool:
    """Whether it can be a data set's name, and so part of a file's name."""
    return name.isascii() and name.isalnum()
