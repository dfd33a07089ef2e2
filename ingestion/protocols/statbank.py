"""Statistics Denmark's StatBank, as documented at https://api.statbank.dk/console.

Look = ``POST /tableinfo``; fetch = one ``POST /data`` for the whole selection, always in English
with codes. CSV answers hold every combination of the selection, so their rows are counted; over
the cell limit the same selection is asked for as BULK, where an absent combination stands for the
table's suppressed value and whole municipalities or periods must still be there.
"""

import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ingestion.declaration import Source
from ingestion.drift import WHOLE_TABLE, Shape
from ingestion.errors import AnswerError, ProviderError
from ingestion.geography import KNOWN_MUNICIPALITIES
from ingestion.http import require_not_html
from ingestion.protocols import Access, Answer, Conventions, Look
from ingestion.request import StatBankRequest

if TYPE_CHECKING:
    import pandas as pd

CELL_LIMIT = 1_000_000
MISSING = {"..": "unavailable", "-": "nil", ".": "unavailable", "": "empty"}
TIME_CONDITION = re.compile(r"(>=|<=)([0-9A-Z]+)")
TOTAL_CODES = ("TOT", "IALT", "TOTAL")


@dataclass(frozen=True)
class Selection:
    """What is asked for, every condition spelled out as codes.

    ``summed`` are the variables that are left out, so that the provider sums over them; a BULK
    request must name them all, and the sum is made here.
    """

    codes: dict[str, list[str]]
    time: str
    summed: dict[str, list[str]]

    @property
    def rows(self) -> int:
        """Rows of a complete answer."""
        return math.prod(len(values) for values in self.codes.values())

    @property
    def cells(self) -> int:
        """Cells as StatBank counts them against its limit."""
        return self.rows * (len(self.codes) + 2)


def conventions(source: Source) -> Conventions:  # noqa: ARG001 - every source speaks alike here
    """English answers: decimal point, no thousands mark; four markers for missing."""
    return Conventions(decimal_mark=".", missing=MISSING)


def look(source: Source, access: Access) -> Look:
    """Read the table's description; its ``updated`` is the stamp."""
    info = describe(access, source.table)
    stamp = f"{access.base_url}|{source.table}|{info['updated']}"
    return Look(stamp, info["updated"], bool(info.get("active", True)), info)


def describe(access: Access, table: str, language: str = "en") -> dict[str, Any]:
    """A table's ``tableinfo``: title, unit, when it was updated, variables with their codes."""
    url = f"{access.base_url}/tableinfo"
    body = access.client.send(
        "POST",
        url,
        pace_key="tableinfo",
        payload={"format": "JSON", "lang": language, "table": table},
    )
    info = _read_json(url, body)
    if "updated" not in info or "variables" not in info:
        raise AnswerError("answer-shape", f"{url} does not describe {table}: {info!r:.200}")
    return info


def changed_tables(access: Access, days: int) -> dict[str, str]:
    """Every table that was updated in the last days, with the moment, in one request.

    Raises:
        AnswerError: the answer is no list of tables.
    """
    url = f"{access.base_url}/tables"
    payload = {"format": "JSON", "lang": "en", "pastdays": days, "includeInactive": False}
    body = access.client.send("POST", url, pace_key="tables", payload=payload)
    require_not_html(url, body)
    try:
        return {str(table["id"]): str(table["updated"]) for table in json.loads(body)}
    except (ValueError, KeyError, TypeError) as error:
        raise AnswerError("answer-shape", f"{url} did not answer with tables: {error}.") from error


def fetch(source: Source, access: Access, look: Look) -> Answer:
    """One request for the whole selection, as CSV or, over the cell limit, as BULK."""
    request = _request(source)
    selection = expand(source, look.detail)
    is_bulk = selection.cells > CELL_LIMIT
    asked = selection.codes | (selection.summed if is_bulk else {})
    query = {
        "table": source.table,
        "format": "BULK" if is_bulk else "CSV",
        "lang": "en",
        "valuePresentation": "Code",
        "delimiter": "Semicolon",
        "variables": [
            {
                "code": code,
                "values": values if code in selection.summed else _short(code, values, request),
            }
            for code, values in asked.items()
        ],
    }
    url = f"{access.base_url}/data"
    body = access.client.send("POST", url, pace_key="data", payload=query)
    require_not_html(url, body)
    expected = {"codes": asked, "time": selection.time, "geography": request.geography}
    return Answer(body, "csv", url, {"body": query, "expected": expected})


def _short(code: str, values: list[str], request: StatBankRequest) -> list[str]:
    """The declared condition where it means the same as the list of all its codes."""
    declared = request.selection.get(code, values)
    return declared if code not in request.may_be_absent else values


def expand(source: Source, info: Mapping[str, Any]) -> Selection:
    """Spell out the declared selection against the provider's own description.

    Raises:
        AnswerError: a declared variable or code no longer exists, or a variable that must not be
            summed silently is left out of the declaration.
    """
    request = _request(source)
    offered = {v["id"]: [value["id"] for value in v["values"]] for v in info["variables"]}
    _require_declared(source, request, info, offered)
    codes = {}
    for variable, wanted in request.selection.items():
        optional = set(request.may_be_absent.get(variable, []))
        codes[variable] = list(_matching(source, variable, wanted, offered[variable], optional))
    time = next(v["id"] for v in info["variables"] if v.get("time"))
    summed = {name: _total(offered[name]) for name in request.summed_over if name in offered}
    kept = {v["id"] for v in info["variables"] if not v.get("elimination")}
    codes |= {name: values for name, values in summed.items() if name in kept}
    return Selection(codes, time, {n: v for n, v in summed.items() if n not in codes})


def _require_declared(
    source: Source, request: StatBankRequest, info: Mapping[str, Any], offered: dict[str, list[str]]
) -> None:
    gone = sorted(set(request.selection) - set(offered))
    summed = {v["id"] for v in info["variables"]} - set(request.selection)
    silent = sorted(summed - set(request.summed_over))
    if gone or silent:
        told = [f"gone: {', '.join(gone)}"] * bool(gone) + [f"new: {', '.join(silent)}"] * bool(
            silent
        )
        raise AnswerError(
            "variables-changed",
            f"{source.table}: the table's variables changed ({'; '.join(told)}).",
            f"Edit request.selection or summed_over in ingestion/sources/{source.id}.yml.",
        )


def _matching(
    source: Source, variable: str, wanted: list[str], offered: list[str], optional: set[str]
) -> Iterator[str]:
    """The offered codes that a declared condition selects, in the provider's order."""
    if wanted == ["*"]:
        yield from offered
        return
    conditions = [found for text in wanted if (found := TIME_CONDITION.findall(text))]
    if conditions:
        yield from (code for code in offered if all(map(_holds(code), conditions)))
        return
    gone = sorted(set(wanted) - set(offered) - optional)
    if gone:
        raise AnswerError(
            "code-gone",
            f"{source.table}: {variable} does not offer {', '.join(gone)}.",
            f"Edit request.selection in ingestion/sources/{source.id}.yml.",
        )
    yield from (code for code in wanted if code in offered)


def _holds(code: str) -> Any:
    def holds(parts: list[tuple[str, str]]) -> bool:
        return all(code >= bound if sign == ">=" else code <= bound for sign, bound in parts)

    return holds


def _total(codes: list[str]) -> list[str]:
    """The code that stands for all, or every code when there is none."""
    return next(([code] for code in TOTAL_CODES if code in codes), codes)


def _request(source: Source) -> StatBankRequest:
    if not isinstance(source.request, StatBankRequest):
        raise TypeError(f"{source.id} does not speak statbank")
    return source.request


def _read_json(url: str, body: bytes) -> dict[str, Any]:
    require_not_html(url, body)
    try:
        payload = json.loads(body.decode("utf-8-sig"), strict=False)
    except ValueError as error:
        raise AnswerError("answer-json", f"{url} did not answer with JSON: {error}.") from error
    if not isinstance(payload, dict):
        raise ProviderError("answer-shape", f"{url} answered with {type(payload).__name__}.")
    return payload


def parse(source: Source, content: bytes, request: Mapping[str, Any]) -> "pd.DataFrame":
    """Semicolon-separated text to a frame of text, proven to be the whole selection.

    Raises:
        AnswerError: wrong encoding, other columns than asked for, rows missing or twice.
    """
    import pandas as pd

    text = _decode(source, content)
    try:
        frame = pd.read_csv(io.StringIO(text), sep=";", dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise AnswerError("answer-csv", f"{source.table}: not readable as CSV: {error}.") from error
    expected = request["expected"]
    frame.columns = [str(name).strip() for name in frame.columns]
    _require_dimensions(source, frame, list(expected["codes"]), expected["time"])
    _require_complete(source, frame, request)
    return _summed(source, frame)


def shape(source: Source, look: Look, content: bytes | None) -> Shape:
    """Columns of the answer or else the described variables; unit and codes as described."""
    info: dict[str, Any] = look.detail if isinstance(look.detail, dict) else {}
    variables = [v for v in info.get("variables", []) if isinstance(v, dict) and "id" in v]
    names = {v["id"]: "TID" if v.get("time") else v["id"].upper() for v in variables}
    header = content.split(b"\n", 1)[0].decode("utf-8-sig", "replace") if content else ""
    columns = header.strip().split(";") if header else [*names.values(), "INDHOLD"] * bool(names)
    geography = _request(source).geography
    return Shape(
        columns=tuple(columns),
        offered=tuple(names),
        units={WHOLE_TABLE: str(info["unit"])} if info.get("unit") else {},
        codes={
            names[v["id"]]: tuple(str(value["id"]) for value in v.get("values", []))
            for v in variables
            if not v.get("time") and v["id"] != geography
        },
    )


def _summed(source: Source, frame: "pd.DataFrame") -> "pd.DataFrame":
    """Sum over the variables that could not be left out; a missing cell makes the sum missing."""
    over = [name.upper() for name in _request(source).summed_over if name.upper() in frame]
    rest = [name for name in frame.columns if name not in over]
    by = [name for name in rest if name != "INDHOLD"]
    if not frame.duplicated(by).any():
        return frame.drop(columns=over)
    sums = frame.groupby(by, sort=False)["INDHOLD"].agg(_sum_of_cells)
    return sums.reset_index(name="INDHOLD")[rest]


def _sum_of_cells(cells: "pd.Series[str]") -> str:
    missing = next((cell for cell in cells if cell in MISSING and MISSING[cell] != "nil"), None)
    if missing is not None:
        return str(missing)
    try:
        return str(sum((Decimal(cell) for cell in cells if cell not in MISSING), Decimal(0)))
    except InvalidOperation as error:
        raise AnswerError("number-form", f"{list(cells)} cannot be summed.") from error


def _decode(source: Source, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnswerError(
            "encoding", f"{source.table}: the answer is not UTF-8: {error}."
        ) from error
    _require_even(source, text)
    return text


def _require_even(source: Source, text: str) -> None:
    """Codes never hold the delimiter, so every row has as many as the header; pandas would pad."""
    lines = text.splitlines() or [""]
    cells = lines[0].count(";")
    uneven = [n for n, line in enumerate(lines, start=1) if line and line.count(";") != cells]
    if uneven:
        raise AnswerError(
            "answer-csv",
            f"{source.table}: line {uneven[0]} has another number of cells than the header.",
        )


def _require_dimensions(source: Source, frame: "pd.DataFrame", asked: list[str], time: str) -> None:
    """A variable left out of a request is summed silently: the header must hold what was asked."""
    wanted = {("TID" if name == time else name.upper()) for name in asked} | {"INDHOLD"}
    if set(frame.columns) != wanted:
        raise AnswerError(
            "dimensions",
            f"{source.table}: asked for {', '.join(sorted(wanted))}, "
            f"got {', '.join(map(str, frame.columns))}.",
            f"Compare request.selection in ingestion/sources/{source.id}.yml with the table.",
        )


def _require_complete(source: Source, frame: "pd.DataFrame", request: Mapping[str, Any]) -> None:
    """Count the rows against the selection; nothing may be missing, nothing twice."""
    expected = request["expected"]
    codes = {
        ("TID" if name == expected["time"] else name.upper()): values
        for name, values in expected["codes"].items()
    }
    _require_asked_once(source, frame, codes)
    must, optional = list(codes), _absent(frame, _request(source).may_be_absent)
    if request["body"]["format"] == "BULK" and expected["geography"] is None:
        must, optional = ["TID"], {}
    elif request["body"]["format"] == "BULK":
        area = expected["geography"].upper()
        # Areas without anything, such as Christiansø, have no row at all in a BULK answer.
        codes[area] = [code for code in codes[area] if code.zfill(4) in KNOWN_MUNICIPALITIES]
        frame, must, optional = frame[frame[area].isin(codes[area])], [area, "TID"], {}
    wanted = math.prod(len(set(codes[name]) - optional.get(name, set())) for name in must)
    found = len(frame[must].drop_duplicates())
    if found != wanted:
        raise AnswerError(
            "answer-short",
            f"{source.table}: {found:,} of {wanted:,} rows came.",
            "The answer was cut off, or the provider holds fewer combinations than it lists.",
        )


def _require_asked_once(
    source: Source, frame: "pd.DataFrame", codes: Mapping[str, list[str]]
) -> None:
    if twice := int(frame.duplicated(list(codes)).sum()):
        raise AnswerError("rows-twice", f"{source.table}: {twice} rows come twice.")
    for name, values in codes.items():
        if stray := sorted(set(frame[name].str.strip()) - set(values)):
            raise AnswerError(
                "codes-stray", f"{source.table}: {name} holds {stray[:5]}, not asked for."
            )


def _absent(frame: "pd.DataFrame", may_be_absent: Mapping[str, list[str]]) -> dict[str, set[str]]:
    """Declared codes that have no row at all: the protocol counts them as the suppressed value."""
    return {
        name.upper(): {code for code in codes if code not in set(frame[name.upper()])}
        for name, codes in may_be_absent.items()
    }
