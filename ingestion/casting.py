"""Text becomes numbers, periods and municipality codes here, and nowhere else.

The declaration says what each column holds; nothing is guessed. Text that does not fit is a
finding with its row, never a silent null. Areas that are no municipality (country, regions,
provinces, Christiansø, "not stated") are set aside and counted, so that no row is lost unseen.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial, reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingestion.declaration import Column, ColumnType, Source
from ingestion.errors import AnswerError
from ingestion.municipality_names import NO_MUNICIPALITY_NAME, folded
from ingestion.protocols import FILE_ROWS, Conventions
from ingestion.request import DateForm
from ingestion.windows import COPENHAGEN

# Country 000, regions 081-089, Christiansø 411; one or two digits are provinces, groups of
# municipalities, or 99 "not stated".
NO_MUNICIPALITY = re.compile(r"000|08[0-9]|0?411|[0-9]{1,2}")
PERIOD_FORMS = {
    ColumnType.YEAR: re.compile("(?:19|20)[0-9]{2}"),
    ColumnType.QUARTER: re.compile("(?:19|20)[0-9]{2}Q[1-4]"),
    ColumnType.MONTH: re.compile("(?:19|20)[0-9]{2}M(?:0[1-9]|1[0-2])"),
}
HOUR_FORM = re.compile("((?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}):00(?::00)?")
HOURS = frozenset({ColumnType.HOUR, ColumnType.LOCAL_HOUR})
DAYS = frozenset({ColumnType.DAY, ColumnType.DATE})
YEAR, MIDNIGHT = "(?P<year>(?:19|20)[0-9]{2})", "(?:[T ]00:00:00)?"
DAY_FORMS: Mapping[DateForm, re.Pattern[str]] = {
    "iso": re.compile(f"^{YEAR}-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}}){MIDNIGHT}$"),
    "danish": re.compile(
        rf"^(?P<day>[0-9]{{1,2}})(?P<mark>[-./])(?P<month>[0-9]{{1,2}})(?P=mark){YEAR}$"
    ),
}
NO_NAMES: Mapping[str, str] = {}
ISO_MONTH = re.compile("((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])(?:-01(?:T00:00:00)?)?")
FINDINGS_SHOWN = 5
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Finding:
    """One cell that cannot be accepted: where, what stood there, and why not."""

    code: str
    column: str
    row: int
    found: str
    message: str


@dataclass(frozen=True)
class Cast:
    """Typed rows, with the count of rows set aside because they are no municipality."""

    frame: pd.DataFrame
    rows_read: int
    rows_set_aside: int
    findings: tuple[Finding, ...]


def cast(
    text: pd.DataFrame,
    source: Source,
    conventions: Conventions,
    known: frozenset[str],
    spellings: Mapping[str, str] = NO_NAMES,
) -> Cast:
    """Cast a frame of text by declaration.

    Args:
        text: (rows × provider's columns), every cell a ``str``.
        source: the declaration; its columns give names, types, units and codes.
        conventions: decimal mark, thousands mark and missing markers of this answer.
        known: the 4-digit codes of all municipalities.
        spellings: code by every name of a municipality as names are compared, for a table that
            has them by name.

    Returns:
        A frame (rows × our columns, one ``<measure>_missing`` for each measure, ``row_key``) in
        the order of the key, what was set aside, and the findings. With findings the frame is
        not fit for use.

    Raises:
        AnswerError: a declared column is missing or an unknown one has come.
    """
    require_columns(text, source)
    keys = row_keys(text, source)
    codes, aside, findings = _municipalities(text, source, known, spellings)
    kept = ~aside
    frame = pd.DataFrame({"row_key": keys[kept]})
    for column in source.columns:
        cells = text.loc[kept, column.provider_name]
        if column.type is ColumnType.MUNICIPALITY:
            frame[column.name] = codes[kept]
            continue
        findings += _cast_column(frame, cells, column, conventions)
    findings += _clocks_that_differ(frame, text[kept], source)
    frame = _in_key_order(frame, source)
    return Cast(frame, len(text), int(aside.sum()), _at_their_rows(findings, text))


def _at_their_rows(findings: list[Finding], text: pd.DataFrame) -> tuple[Finding, ...]:
    """Findings by the rows of the file, each once, where the text stands in one."""
    numbers = text.attrs.get(FILE_ROWS)
    if not numbers:
        return tuple(findings)
    return tuple(dict.fromkeys(replace(f, row=numbers[f.row] - 1) for f in findings))


def require_columns(text: pd.DataFrame, source: Source) -> None:
    """Compare the answer's columns with the declared ones.

    Raises:
        AnswerError: naming the missing and the unknown columns and the file to edit.
    """
    declared = {column.provider_name for column in source.columns}
    missing = sorted(declared - set(text.columns))
    unknown = sorted(set(text.columns) - declared)
    if not missing and not unknown:
        return
    told = [f"missing {', '.join(missing)}"] * bool(missing)
    told += [f"unknown {', '.join(unknown)}"] * bool(unknown)
    raise AnswerError(
        "column-missing" if missing else "column-unknown",
        f"{source.id}: the columns are not the declared ones: {'; '.join(told)}.",
        f"If the provider changed the table, edit columns in ingestion/sources/{source.id}.yml.",
    )


def row_keys(text: pd.DataFrame, source: Source) -> "pd.Series[str]":
    """The provider's own address of each row, such as ``OMRÅDE=101;DRIV=20225;TID=2026M01``."""
    names = [column.provider_name for column in source.columns if column.key]
    parts = [name + "=" + text[name].str.strip() for name in names]
    return reduce(lambda left, right: left + ";" + right, parts)


def _municipalities(
    text: pd.DataFrame, source: Source, known: frozenset[str], spellings: Mapping[str, str]
) -> tuple["pd.Series[str]", "pd.Series[bool]", list[Finding]]:
    """Four-digit codes, which rows are set aside, and findings for codes nobody knows."""
    column = source.municipality
    if column is None:
        nothing = pd.Series(data=False, index=text.index)
        return text.iloc[:, 0], nothing, []
    raw = text[column.provider_name].str.strip()
    different, places = _different(raw)
    if column.by_name:
        names = different.map(folded)
        codes, none_of_ours = names.map(spellings).fillna(""), NO_MUNICIPALITY_NAME
    else:
        names = different
        codes, none_of_ours = different.str.zfill(4), NO_MUNICIPALITY
    is_known = codes.isin(known)
    aside = ~is_known & names.str.fullmatch(none_of_ours)
    if source.unknown_municipalities == "set_aside":
        aside = ~is_known
    unknown = _back(~is_known & ~aside, places, raw)
    found = _unknown_codes(raw[unknown], column)
    return _back(codes, places, raw), _back(aside, places, raw), found


def _different(cells: "pd.Series[str]") -> tuple["pd.Series[str]", Places]:
    """The different texts among many cells, and for each cell which of them it is."""
    places, different = pd.factorize(cells)
    return pd.Series(different, dtype=cells.dtype), places


def _back(values: "pd.Series", places: Places, cells: "pd.Series[str]") -> "pd.Series":
    """One value per cell from one value per different text."""
    return values.take(places).set_axis(cells.index)


def _unknown_codes(cells: "pd.Series[str]", column: Column) -> list[Finding]:
    register = " (a spelling that is right belongs in municipality_aliases)" * column.by_name
    why = f"is no municipality, region or province that is known{register}"
    return _findings(cells, column, "municipality-unknown", why)


def _cast_column(
    frame: pd.DataFrame, cells: "pd.Series[str]", column: Column, conventions: Conventions
) -> list[Finding]:
    """Add one typed column (and its ``_missing``) to the frame; return what did not fit."""
    stripped = cells.str.strip()
    if column.type in (ColumnType.INTEGER, ColumnType.DECIMAL):
        return _cast_measure(frame, stripped, column, conventions)
    different, places = _different(stripped)
    values, bad, code, message = _reader(column, conventions)(different, column)
    frame[column.name] = _back(values, places, stripped)
    return _findings(stripped[_back(bad, places, stripped)], column, code, message)


Read = tuple["pd.Series[str]", "pd.Series[bool]", str, str]
Reader = Callable[["pd.Series[str]", Column], Read]


def _reader(column: Column, conventions: Conventions) -> Reader:
    if column.type is ColumnType.CODE:
        return _cast_code
    if column.type in HOURS:
        return _cast_hour
    return partial(_cast_day, form=conventions.dates) if column.type in DAYS else _cast_period


def _cast_code(cells: "pd.Series[str]", column: Column) -> Read:
    """A code is text; with a declared list it must be on it, unless it may be empty."""
    is_empty = cells.eq("")
    bad = ~cells.isin(column.codes) if column.codes else is_empty
    if column.nullable:
        cells, bad = cells.mask(is_empty), bad & ~is_empty
    return cells, bad, "code-unknown", "is not on the declared code list"


def _cast_period(cells: "pd.Series[str]", column: Column) -> Read:
    """``2024``, ``2024Q1`` or ``2024M01``; Danish ``2024K1`` means the language is wrong."""
    values = cells
    if column.type is ColumnType.MONTH:
        values = cells.str.replace(ISO_MONTH, r"\1M\2", regex=True)
    bad = ~values.str.fullmatch(PERIOD_FORMS[column.type])
    if column.type is ColumnType.YEAR:
        values = pd.to_numeric(values.where(~bad), errors="coerce").astype("Int32")  # type: ignore[assignment]
    return values, bad, "period-form", f"is not a {column.type.value} as English answers write it"


def _cast_day(cells: "pd.Series[str]", column: Column, form: DateForm) -> Read:
    """``2024-05-31``, or as declared ``31-05-2024``; kept as the former, empty where it may be."""
    parts = cells.str.extract(DAY_FORMS[form])
    values = parts["year"] + "-" + parts["month"].str.zfill(2) + "-" + parts["day"].str.zfill(2)
    is_day = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce").notna()
    is_empty = cells.eq("") & column.nullable
    example = "2024-05-31" if form == "iso" else "31-05-2024"
    why = f"is not a day written as {example}, as request.dates says"
    return values, ~is_day & ~is_empty, "period-form", why


def _cast_hour(cells: "pd.Series[str]", column: Column) -> Read:
    """``2024-10-27T00:00:00``: a whole hour without an offset; the column says by whose clock."""
    plain = cells.str.replace(HOUR_FORM, r"\1 \2:00", regex=True)
    form = "%Y-%m-%d %H:%M"
    values = pd.to_datetime(plain, format=form, errors="coerce").astype("datetime64[us]")
    message = f"is not a {column.type.value} written as 2024-10-27T00:00:00"
    return values, values.isna() | ~cells.str.fullmatch(HOUR_FORM), "period-form", message  # type: ignore[return-value]


def _clocks_that_differ(frame: pd.DataFrame, text: pd.DataFrame, source: Source) -> list[Finding]:
    """Local hours that are not Danish time of the hour in UTC beside them."""
    found: list[Finding] = []
    for column in source.columns:
        if column.type is not ColumnType.LOCAL_HOUR:
            continue
        moments = frame[source.period.name].dt.tz_localize("UTC").dt.tz_convert(COPENHAGEN)
        local = moments.dt.tz_localize(None)
        differs = frame[column.name].ne(local) & frame[column.name].notna() & local.notna()
        why = "is not Danish time of the hour in UTC beside it"
        found += _findings(text.loc[differs, column.provider_name], column, "clock-differs", why)
    return found


def _cast_measure(
    frame: pd.DataFrame, cells: "pd.Series[str]", column: Column, conventions: Conventions
) -> list[Finding]:
    """A number in the declared locale, or a missing marker with its reason."""
    reasons = cells.where(cells.isin(conventions.missing)).map(conventions.missing)
    form = number_form(column.type, conventions)
    bad = reasons.isna() & ~cells.str.fullmatch(form.pattern)
    plain = cells.where(reasons.isna() & ~bad)
    if conventions.thousands_mark:
        plain = plain.str.replace(conventions.thousands_mark, "", regex=False)
    plain = plain.str.replace(conventions.decimal_mark, ".", regex=False)
    is_whole = column.type is ColumnType.INTEGER
    frame[column.name] = plain.astype("Int64" if is_whole else "Float64")
    frame[f"{column.name}_missing"] = reasons.astype("string")
    mark = conventions.decimal_mark
    message = f"is not a plain {column.type.value} with decimal mark {mark!r}"
    return _findings(cells[bad], column, "number-form", message)


def number_form(kind: ColumnType, conventions: Conventions) -> re.Pattern[str]:
    """The only way a number may be written: declared marks, grouped rightly or not at all.

    Digits are ASCII (``\\d`` also takes other scripts), and at most 18, which 64 bits always hold.
    """
    thousands = re.escape(conventions.thousands_mark)
    grouped = rf"|[0-9]{{1,3}}(?:{thousands}[0-9]{{3}}){{1,5}}" if thousands else ""
    whole = rf"(?:[0-9]{{1,18}}{grouped})"
    fraction = rf"(?:{re.escape(conventions.decimal_mark)}[0-9]+)?"
    exponent = r"(?:[eE][-+]?[0-9]{1,2})?"
    tail = fraction + exponent if kind is ColumnType.DECIMAL else ""
    return re.compile(rf"-?{whole}{tail}")


def _findings(cells: "pd.Series[str]", column: Column, code: str, why: str) -> list[Finding]:
    return [
        Finding(code, column.name, int(str(row)), found, f"{found!r} {why}")
        for row, found in cells.items()
    ]


def _in_key_order(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Rows in the order of the key, columns as declared: row order of an answer means nothing."""
    return frame.sort_values([*source.key, "row_key"], ignore_index=True)[source.frame_columns]


def require_no_findings(cast_result: Cast, source: Source) -> None:
    """Refuse a release in which any cell could not be read.

    Raises:
        AnswerError: with the count and the first places.
    """
    findings = cast_result.findings
    if not findings:
        return
    shown = "; ".join(
        f"row {f.row + 1}, {f.column}: {f.message}" for f in findings[:FINDINGS_SHOWN]
    )
    more = f" (and {len(findings) - FINDINGS_SHOWN} more)" if len(findings) > FINDINGS_SHOWN else ""
    raise AnswerError(
        findings[0].code,
        f"{source.id}: {len(findings)} cells could not be read: {shown}{more}.",
        f"Compare with columns in ingestion/sources/{source.id}.yml.",
    )
