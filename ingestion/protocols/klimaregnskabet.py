"""The Danish Energy Agency's Klimaregnskabet, https://klimaregnskabet.dk/klimaregnskabet-api.

The interface offers one municipality and one year at a time and no stamp of change. So a look
reads one probe (the newest year of the first municipality), and the whole table is read again
when the probe differs or ``refetch_days`` have passed: earlier years are revised without notice.
The bytes of a release are the answers as they came, one JSON line each.
"""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ingestion.declaration import Source
from ingestion.drift import Shape
from ingestion.errors import AnswerError, NotConfiguredError, ProviderError
from ingestion.geography import MUNICIPALITY_CODES
from ingestion.http import require_not_html
from ingestion.protocols import Access, Answer, Conventions, Look
from ingestion.request import KlimaregnskabetRequest, Measure

if TYPE_CHECKING:
    import pandas as pd

PROBED_YEARS = 8
NAMES = ("type", "kategori", "undertype_3")
CLOSES_WITHIN_TCO2E = 0.5
CLOSES_WITHIN_RELATIVE = 1e-6
Rows = list[dict[str, Any]]


def conventions(source: Source) -> Conventions:  # noqa: ARG001 - every source speaks alike here
    """JSON numbers; a null is "empty"."""
    return Conventions(decimal_mark=".", missing={"": "empty"})


def look(source: Source, access: Access) -> Look:
    """Probe the newest year; the stamp also turns every ``refetch_days``."""
    request = _request(source)
    if not access.api_key:
        raise NotConfiguredError(
            "key-missing",
            "Klimaregnskabet needs a key.",
            "Set KLIMAMONITOR_KLIMAREGNSKABET_KEY; a key is free at klimaregnskabet.dk.",
        )
    newest, probe = _newest_year(source, access)
    turn = access.now.toordinal() // request.refetch_days
    digest = hashlib.sha256(probe).hexdigest()[:16]
    return Look(f"{access.base_url}|{newest}|{digest}|{turn}", None, True, newest)


def _newest_year(source: Source, access: Access) -> tuple[int, bytes]:
    """The newest year for which the first municipality has rows."""
    last = access.now.year - 1
    for year in range(last, last - PROBED_YEARS, -1):
        body = _probe(source, access, year)
        if body is not None and _rows(f"{MUNICIPALITY_CODES[0]} {year}", body):
            return year, body
    raise AnswerError(
        "answer-empty",
        f"{source.id}: no figures for any year from {last - PROBED_YEARS + 1} to {last}.",
    )


def _probe(source: Source, access: Access, year: int) -> bytes | None:
    """The first municipality's answer, or None when the provider does not know the year."""
    try:
        return _ask(source, access, MUNICIPALITY_CODES[0], year)
    except ProviderError as error:
        if error.code != "http-404":
            raise
        return None


def fetch(source: Source, access: Access, look: Look) -> Answer:
    """Every municipality and year from the first declared to the newest published."""
    request = _request(source)
    years = range(request.first_year, int(look.detail) + 1)
    lines = [
        json.dumps(
            {
                "municipality": code,
                "year": str(year),
                "body": _decode(f"{code} {year}", _ask(source, access, code, year)),
            },
            ensure_ascii=False,
        )
        for code in MUNICIPALITY_CODES
        for year in years
    ]
    asked = {"municipalities": len(MUNICIPALITY_CODES), "years": list(years), "type": request.type}
    return Answer(("\n".join(lines) + "\n").encode(), "jsonl", access.base_url, asked)


def _ask(source: Source, access: Access, code: str, year: int) -> bytes:
    """One answer; the number of the municipality is written without the leading zero."""
    params = {"municipality": code.lstrip("0"), "year": str(year), "type": _request(source).type}
    headers = {"x-api-key": access.api_key or ""}
    url = access.base_url
    body = access.client.send(
        "GET", url, pace_key="municipality-data", params=params, headers=headers
    )
    require_not_html(url, body)
    return body


def _decode(place: str, body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise AnswerError("encoding", f"{place}: the answer is not UTF-8: {error}.") from error


def parse(source: Source, content: bytes, request: Mapping[str, Any]) -> "pd.DataFrame":
    """Answers to a frame of text: municipality, year, sector, measure, value.

    Raises:
        AnswerError: an answer is missing or empty, a figure is missing or ambiguous, or the
            sectors do not sum to either of the two totals.
    """
    import pandas as pd

    lines = [json.loads(line) for line in content.splitlines()]
    expected = request["municipalities"] * len(request["years"])
    if len(lines) != expected:
        raise AnswerError("answer-short", f"{source.id}: {len(lines)} of {expected} answers came.")
    rows = [row for line in lines for row in _figures(source, line)]
    columns = [column.provider_name for column in source.columns]
    return pd.DataFrame(rows, columns=columns, dtype=str)


def shape(source: Source, look: Look, content: bytes | None) -> Shape:  # noqa: ARG001
    """Fields and sectors of the first answer, and in which unit each declared measure came."""
    try:
        line = json.loads((content or b"").splitlines()[0])
        answer = _rows("the first answer", line["body"].encode())
    except (ValueError, KeyError, IndexError, TypeError, AnswerError):
        return Shape()
    units = {measure.name: _unit(answer, measure) for measure in _request(source).measures}
    return Shape(
        offered=tuple(sorted({name for row in answer for name in row})),
        units={name: unit for name, unit in units.items() if unit},
        codes={"sector": tuple(sorted({_text(row.get("sektor")).strip() for row in answer}))},
    )


def _unit(answer: Rows, measure: Measure) -> str:
    """The unit of a measure's rows; where there are none, the commonest of those so named."""
    words = _fold(measure.name_contains)
    named = [row for row in answer if any(words in _fold(row.get(field)) for field in NAMES)]
    units = Counter(_text(row.get("enhed")) for row in _rows_of(answer, measure) or named)
    return max(units, key=lambda unit: (units[unit], unit), default="")


def _figures(source: Source, line: Mapping[str, str]) -> Iterator[tuple[str, str, str, str, str]]:
    """The declared measures of one municipality and year."""
    request = _request(source)
    place = f"municipality {line['municipality']}, year {line['year']}"
    answer = _rows(place, line["body"].encode())
    if not answer:
        raise AnswerError("answer-short", f"{source.id}: no figures for {place}.")
    for measure in request.measures:
        for sector, value in _by_sector(answer, measure, request.total_sector, place).items():
            yield line["municipality"], line["year"], sector, measure.name, value


def _by_sector(answer: Rows, measure: Measure, total: str, place: str) -> dict[str, str]:
    """One value per sector; of two totals the one that the sectors sum to."""
    found: dict[str, list[str]] = {}
    rows = _rows_of(answer, measure)
    for row in rows:
        sector = measure.sectors[0] if len(measure.sectors) == len(rows) == 1 else row.get("sektor")
        found.setdefault(_text(sector).strip(), []).append(_value(row, place))
    _require_sectors(found, answer, measure, place)
    parts = {sector: values[0] for sector, values in found.items() if sector != total}
    if several := [sector for sector in parts if len(found[sector]) > 1]:
        raise AnswerError("figure-ambiguous", f"{place}: {measure.name} of {several} comes twice.")
    whole = found.get(total, [])
    return parts | ({total: _closing(whole, parts, place)} if whole else {})


def _value(row: Mapping[str, Any], place: str) -> str:
    """The figure of a row; null is "empty", a row without the field is another form."""
    if "værdi" not in row:
        raise AnswerError("column-missing", f"{place}: a row has no field værdi: {sorted(row)}.")
    return _text(row["værdi"])


def _require_sectors(
    found: Mapping[str, list[str]], answer: Rows, measure: Measure, place: str
) -> None:
    """All declared sectors are there, and no other.

    Raises:
        AnswerError: naming them, and the units that came.
    """
    if missing := sorted(set(measure.sectors) - set(found)):
        units = ", ".join(sorted({_text(row.get("enhed")) for row in answer}))
        raise AnswerError(
            "figure-missing",
            f"{place}: no {measure.name} for {', '.join(missing)} in {' or '.join(measure.units)}; "
            f"units that came: {units}.",
        )
    if unknown := sorted(set(found) - {*measure.sectors, *measure.optional_sectors}):
        raise AnswerError("sector-unknown", f"{place}: unknown sector {', '.join(unknown)}.")


def _closing(totals: list[str], parts: Mapping[str, str], place: str) -> str:
    """Two totals share a unit, without and with agriculture: take the one that closes."""
    if not parts:
        return totals[0]
    try:
        expected = sum(map(float, parts.values()))
        nearest = min(totals, key=lambda text: abs(float(text) - expected))
        gap = abs(float(nearest) - expected)
    except ValueError:
        # A sector is empty, so nothing closes; gate 1 refuses the empty cell.
        return ""
    if gap > CLOSES_WITHIN_TCO2E + CLOSES_WITHIN_RELATIVE * abs(expected):
        raise AnswerError(
            "sectors-do-not-close",
            f"{place}: the sectors sum to {expected:,.1f}, "
            f"the nearest total is {float(nearest):,.1f}.",
        )
    return nearest


def _rows_of(answer: Rows, measure: Measure) -> Rows:
    """Rows in a declared unit whose name has the declared words."""
    units = {_fold(unit) for unit in measure.units}
    in_unit = [row for row in answer if _fold(row.get("enhed")) in units]
    words = _fold(measure.name_contains)
    named = [row for row in in_unit if any(words in _fold(row.get(field)) for field in NAMES)]
    return in_unit if measure.unit_is_enough and not named else named


def _fold(value: object) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", str(value or ""))).strip().casefold()


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _rows(place: str, body: bytes) -> Rows:
    """The rows of one answer, numbers left as text."""
    require_not_html(place, body)
    try:
        payload = json.loads(body.decode("utf-8-sig"), parse_float=str, parse_int=str)
    except ValueError as error:
        raise AnswerError("answer-json", f"{place}: the answer is not JSON: {error}.") from error
    rows = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AnswerError("answer-shape", f"{place}: the answer has no list of rows named data.")
    return rows


def _request(source: Source) -> KlimaregnskabetRequest:
    if not isinstance(source.request, KlimaregnskabetRequest):
        raise TypeError(f"{source.id} does not speak klimaregnskabet")
    return source.request
