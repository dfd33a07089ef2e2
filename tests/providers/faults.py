"""Ways in which an answer goes wrong, each a function from answer to answer.

They compose: ``providers.fail("statbank", "/data", truncated(), magnified(1000))``. Faults of the
wire (hanging, resetting, lying about the length) return a ``Delivery``, an answer with orders for
the server. Faults of tables work on StatBank's CSV, on Energi Data Service's ``records`` and on
Klimaregnskabet's ``data`` alike, and leave every other answer as it is.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

from ingestion.snapshot.protocol import Answer, Request, json_answer, text_answer

Fault = Callable[[Answer], Answer]
Row = dict[str, Any]
FIGURES = ("INDHOLD", "værdi", "Capacity")
AREAS = ("OMRÅDE", "AMT", "KOMGRP", "MunicipalityNo")
OLD = "2019-01-31T08:00:00"


@dataclass(frozen=True)
class Delivery(Answer):
    """An answer with orders: wait first, send only so many bytes, then hang up or reset."""

    hang_seconds: float = 0.0
    cut_after: int | None = None
    is_reset: bool = False

    @classmethod
    def of(cls, answer: Answer) -> "Delivery":
        """The answer without orders, or its own when it has some; states its length if missing."""
        if isinstance(answer, Delivery):
            return answer
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        return cls(answer.status, headers, answer.body)


def hang(seconds: float = 3600.0) -> Fault:
    """Send nothing for so long, or until the providers close."""
    return lambda answer: replace(Delivery.of(answer), hang_seconds=seconds)


def reset_mid_body(share: float = 0.5) -> Fault:
    """Reset the connection after a share of the body."""

    def fault(answer: Answer) -> Answer:
        cut = int(len(answer.body) * share)
        return replace(Delivery.of(answer), cut_after=cut, is_reset=True)

    return fault


def short_body(share: float = 0.5) -> Fault:
    """State the whole length, send a share of the body and hang up in good order."""

    def fault(answer: Answer) -> Answer:
        return replace(Delivery.of(answer), cut_after=int(len(answer.body) * share))

    return fault


def status(code: int, text: str = "") -> Fault:
    """Answer with the status and a line of text instead of data."""
    return lambda _: text_answer(text or f"Error {code}", code)


def rate_limited(seconds: int = 1, *, as_date: bool = False) -> Fault:
    """429 with Retry-After, as seconds or as an HTTP date, in Energinet's words."""

    def fault(_: Answer) -> Answer:
        due = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
        answer = _too_many(seconds, 429)
        return replace(
            answer, headers={**answer.headers, "Retry-After": due if as_date else str(seconds)}
        )

    return fault


def rate_limited_in_200(seconds: int = 1) -> Fault:
    """The words of a 429 with status 200, as seen at Energi Data Service."""
    return lambda _: _too_many(seconds, 200)


def _too_many(seconds: int, code: int) -> Answer:
    message = f"Rate limit is exceeded. Try again in {seconds} seconds."
    return json_answer({"statusCode": 429, "message": message}, code)


def html(title: str = "Service unavailable") -> Fault:
    """A web page with status 200 where data should be."""
    page = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{title}</body></html>"
    return lambda _: text_answer(page, media_type="text/html")


def empty() -> Fault:
    """Status and headers stay, the body is gone."""
    return lambda answer: replace(answer, body=b"")


def latin1() -> Fault:
    """The body in Latin-1, still labelled UTF-8."""
    return lambda answer: replace(
        answer, body=answer.body.decode("utf-8-sig").encode("latin-1", errors="replace")
    )


def gzip_bomb(unpacked_bytes: int = 1_000_000_000) -> Fault:
    """A small body that unfolds to spaces without end."""
    member = gzip.compress(b" " * 10_000_000, mtime=0)
    packed = member * max(1, unpacked_bytes // 10_000_000)

    def fault(answer: Answer) -> Answer:
        return Answer(200, {**answer.headers, "Content-Encoding": "gzip"}, packed)

    return fault


def redirect_loop() -> Fault:
    """A redirect to the same address, method and body kept."""
    return lambda _: Answer(307, {"Location": "#"})


def on_rows(change: Callable[[list[Row]], list[Row]]) -> Fault:
    """Change the rows of a table; its stated ``total`` follows the number of rows."""

    def fault(answer: Answer) -> Answer:
        if answer.status != 200:
            return answer
        if answer.headers.get("Content-Type", "").startswith("text/csv"):
            return replace(answer, body=_changed_csv(answer.body, change))
        return _changed_json(answer, change)

    return fault


def _changed_csv(body: bytes, change: Callable[[list[Row]], list[Row]]) -> bytes:
    text = body.decode("utf-8-sig")
    header, *lines = text.splitlines()
    names = header.split(";")
    rows = change([dict(zip(names, line.split(";"), strict=True)) for line in lines])
    columns = list(rows[0]) if rows else names
    written = [columns, *([str(row[name]) for name in columns] for row in rows)]
    mark = b"\xef\xbb\xbf" if body.startswith(b"\xef\xbb\xbf") else b""
    return mark + "".join(";".join(line) + "\r\n" for line in written).encode()


def _changed_json(answer: Answer, change: Callable[[list[Row]], list[Row]]) -> Answer:
    payload = json.loads(answer.body)
    name = next(
        (n for n in ("records", "data") if isinstance(payload, dict) and n in payload), None
    )
    if name is None:
        return answer
    payload[name] = change(payload[name])
    if "total" in payload:
        payload["total"] = len(payload[name])
    return replace(answer, body=json_answer(payload).body)


def truncated(share: float = 0.5) -> Fault:
    """Only the first share of the rows: cut at a row's end, with the right length."""
    return on_rows(lambda rows: rows[: int(len(rows) * share)])


def duplicated_rows(number: int | None = None) -> Fault:
    """The first rows (all by default) come twice."""
    return on_rows(lambda rows: rows + rows[:number])


def renamed_column(old: str, new: str) -> Fault:
    """A column has another name."""
    return on_rows(
        lambda rows: [{new if n == old else n: value for n, value in row.items()} for row in rows]
    )


def missing_column(name: str) -> Fault:
    """A column is gone."""
    return on_rows(lambda rows: [{n: v for n, v in row.items() if n != name} for row in rows])


def extra_column(name: str = "NEW", value: str = "1") -> Fault:
    """A column that nobody declared, in front of the others."""
    return on_rows(lambda rows: [{name: value, **row} for row in rows])


def unknown_municipality(code: str = "999") -> Fault:
    """One more row, with a number that is no municipality."""

    def change(rows: list[Row]) -> list[Row]:
        area = next((name for name in AREAS if rows and name in rows[0]), None)
        return [*rows, {**rows[-1], area: code}] if area else rows

    return on_rows(change)


def decimal_commas() -> Fault:
    """Figures with a decimal comma; in JSON they turn into text."""
    return on_figures(lambda value: str(value).replace(".", ","), only_fractions=True)


def magnified(factor: float = 1000, column: str | None = None) -> Fault:
    """Figures in another unit: every one times the factor."""
    return on_figures(lambda value: _same_kind(value, float(value) * factor), column=column)


def on_figures(
    change: Callable[[Any], Any], *, column: str | None = None, only_fractions: bool = False
) -> Fault:
    """Change the figures that are there; markers for missing stay."""

    def changed(name: str, value: Any) -> Any:
        is_chosen = name == column if column else any(part in name for part in FIGURES)
        if not is_chosen or not _is_figure(value) or (only_fractions and "." not in str(value)):
            return value
        return change(value)

    return on_rows(lambda rows: [{n: changed(n, v) for n, v in row.items()} for row in rows])


def _is_figure(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _same_kind(before: Any, after: float) -> Any:
    """Text stays text, and a whole number stays whole."""
    number = int(after) if after == int(after) and "." not in str(before) else round(after, 6)
    return str(number) if isinstance(before, str) else number


def on_json(change: Callable[[Any], Any]) -> Fault:
    """Change the payload of a JSON answer; others stay."""

    def fault(answer: Answer) -> Answer:
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        if answer.status != 200 or not is_json:
            return answer
        return replace(answer, body=json_answer(change(json.loads(answer.body))).body)

    return fault


def with_fields(fields: Mapping[str, Any]) -> Fault:
    """Set those of the fields that an object has, in objects within lists too."""

    def change(payload: Any) -> Any:
        if isinstance(payload, list):
            return [change(item) for item in payload]
        if not isinstance(payload, dict):
            return payload
        return {name: fields.get(name, value) for name, value in payload.items()}

    return on_json(change)


def wrong_total(difference: int = 1) -> Fault:
    """The stated ``total`` differs from the records that came."""
    return on_json(
        lambda payload: (
            {**payload, "total": payload["total"] + difference}
            if isinstance(payload, dict) and "total" in payload
            else payload
        )
    )


def retired() -> Fault:
    """The description says that the table is no longer kept up."""
    return with_fields({"active": False})


def frozen(since: str = OLD) -> Fault:
    """The description says that nothing has come since; ``active`` stays true."""
    return with_fields({"updated": since, "lastDataUpdate": since, "dataTo": since})


def new_release(updated: str, figure: Callable[[str], str] | None = None) -> Fault:
    """A new release: descriptions carry the new stamp, data a changed first figure.

    Use it for all requests of the provider (match ``None`` or the table's name). ``figure`` gets
    and gives the figure as text; by default it is one more.
    """
    stamp = with_fields({"updated": updated, "lastDataUpdate": updated})
    revise = on_rows(lambda rows: _revised(rows, figure or (lambda text: str(Decimal(text) + 1))))
    return lambda answer: revise(stamp(answer))


def _revised(rows: list[Row], figure: Callable[[str], str]) -> list[Row]:
    """Change the first figure that is there."""
    for place, row in enumerate(rows):
        for name, value in row.items():
            if any(part in name for part in FIGURES) and _is_figure(value):
                new: Any = figure(str(value))
                new = new if isinstance(value, str) else json.loads(new)
                return [*rows[:place], {**row, name: new}, *rows[place + 1 :]]
    return rows


def in_danish(request: Request) -> Request:
    """Answer in Danish whatever language was asked for: decimal commas, K for quarters."""
    if not request.body:
        return replace(request, query={**request.query, "lang": "da"})
    asked = {**json.loads(request.body), "lang": "da"}
    return replace(request, body=json.dumps(asked).encode())
