"""A draft out of a sample of a CSV or XLSX file: what the columns of its table look like.

A file describes itself less than an interface does, so more is asked of a person: the dialect is
what was seen, not what was said.
"""

import io
import re
from collections import Counter
from dataclasses import replace
from typing import Any

from ingestion.casting import DAY_FORMS, ISO_MONTH, PERIOD_FORMS, number_form
from ingestion.declaration import ColumnType, Source
from ingestion.drafting import CADENCES, PROTOCOLS, Draft, Sample, Wanted, column_name
from ingestion.drafting.file_search import FEWEST_MUNICIPALITIES, Cells, Found, tables_in
from ingestion.drafting.sampling import sampled, with_what_was_seen
from ingestion.errors import DeclarationError
from ingestion.file_tables import TextTable, open_workbook, turned_table
from ingestion.protocols import Access, Answer, Conventions, Look, file_drop
from ingestion.request import DateForm, Turned
from ingestion.submissions.cells import SheetCells

ROOM, MOST_CODES, SAMPLE_ROWS = 10, 30, 400
# Titles that are periods: figures of one month or year each, side by side.
FEWEST_WIDE, WIDE_TITLE = 3, r"(?:19|20)\d{2}(?:[-MKQ]\d{1,2})?"
# Numbers that name things rather than count them: long, of one length, never twice.
IDENTIFIER = re.compile("[0-9]{6,}")
UNIT = re.compile(r"^(.*?)\s*[(\[]([^()\[\]]{1,20})[)\]]\s*$")


def draft(wanted: Wanted, access: Access) -> Draft:
    """Read a sample of a file and draft its declaration.

    Args:
        wanted: the source's names, and the file or the page that links to it.
        access: how a page is reached.

    Raises:
        DeclarationError: no table of municipalities and periods is found in the file.
        SourceError: the page or the file cannot be had, or is refused.
    """
    name, content, look = _sample_file(wanted, access)
    found = _table(name, content, wanted)
    declaration, notes = _declared(wanted, found)
    source = Source.model_validate(declaration)
    sample = sampled(source, access, {"file": name}, look, spellings=wanted.spellings)
    drafted = with_what_was_seen(declaration, notes, sample)
    return replace(drafted, sample=_cut(sample, source, found))


def _sample_file(wanted: Wanted, access: Access) -> tuple[str, bytes, Look]:
    if wanted.file:
        return wanted.file.name, wanted.file.read_bytes(), Look("", detail=wanted.file)
    if not (wanted.page and wanted.link):
        raise DeclarationError(
            f"{wanted.provider} has no interface that is known (there are {', '.join(PROTOCOLS)}), "
            "so a sample is needed: --file FILE, or --page ADDRESS and --link PATTERN."
        )
    probe = _probe(wanted)
    look = file_drop.look(probe, access)
    answer = file_drop.fetch(probe, access, look)
    return str(answer.request["file"]), answer.content, look


def _probe(wanted: Wanted) -> Source:
    """Just enough of a declaration to find the file on its page."""
    request = {"delimiter": ";", "encoding": "utf-8", "decimal_mark": ",", **_linked(wanted)}
    columns = [
        _column("municipality_code", "-", "municipality", "-", is_key=True),
        _column("year", "-", "year", "-", is_key=True),
        _column("value", "-", "decimal", "-", is_key=False) | {"unit": "-"},
    ]
    facts, _notes = _facts(wanted, ColumnType.YEAR)
    described = {"request": {"protocol": "file_drop", **request}, "columns": columns}
    return Source.model_validate(facts | described)


def _linked(wanted: Wanted) -> dict[str, str]:
    return {"page": wanted.page, "link": wanted.link} if wanted.page and wanted.link else {}


def _table(name: str, content: bytes, wanted: Wanted) -> Found:
    """The table of the sheet, or of the delimiter, that shows most rows."""
    tables = tables_in(name, content, wanted.spellings)
    if not tables:
        raise DeclarationError(
            f"{name}: no column holds the codes or the names of at least {FEWEST_MUNICIPALITIES} "
            "municipalities below a header."
        )
    best = max(tables, key=lambda table: len(table.rows))
    return replace(best, request=best.request | _linked(wanted))


def _declared(wanted: Wanted, found: Found) -> tuple[dict[str, Any], dict[str, str]]:
    """What the sample shows, with its notes."""
    found, request = _without_wide_titles(found)
    place = found.header[found.place]
    rest = {name: cells for name, cells in found.columns.items() if name != place}
    request["dates"] = dates = _date_form(rest)
    when, kind = _period(rest, dates)
    del rest[when]
    left_out = [name for name, cells in rest.items() if _names_places(found, cells)]
    request |= {"left_out": left_out, "header_within": found.at + 1 + ROOM}
    facts, notes = _facts(wanted, kind)
    columns = [
        _column("municipality_code", place, "municipality", "The municipality.", is_key=True)
        | ({"by_name": True} if found.by_name else {}),
        _column(kind.value, when, kind.value, f"The {kind.value} that is meant.", is_key=True),
        *_described({n: c for n, c in rest.items() if n not in left_out}, found, dates, notes),
    ]
    if not any(column.get("unit") for column in columns):
        raise DeclarationError(
            f"The table below {', '.join(found.header)} has no column of figures."
        )
    told = {field: value for field, value in request.items() if value not in ("", [], "iso")}
    declared = facts | {"request": told, "columns": _with_key(columns, found)}
    return declared, notes | _asked(told, kind, found)


def _without_wide_titles(found: Found) -> tuple[Found, dict[str, Any]]:
    """Columns of one period each are turned into rows, or left out where a row has a period."""
    wide = [name for name in found.header if re.fullmatch(WIDE_TITLE, name)]
    if len(wide) < FEWEST_WIDE:
        return found, dict(found.request)
    kept = [i for i, name in enumerate(found.header) if name not in wide]
    header, rows = [found.header[i] for i in kept], [[row[i] for i in kept] for row in found.rows]
    shifted = replace(found, header=header, rows=rows, place=kept.index(found.place))
    if _has_period(shifted):
        return shifted, {**found.request, "left_out_like": WIDE_TITLE}
    turned = Turned(titles=WIDE_TITLE, period="period", value="value")
    table = turned_table(TextTable(found.header, found.rows), turned)
    seen = replace(shifted, header=table.header, rows=table.rows)
    return seen, {**found.request, "turned": turned.model_dump()}


def _has_period(found: Found) -> bool:
    columns = {n: c for n, c in found.columns.items() if n != found.header[found.place]}
    try:
        _period(columns, _date_form(columns))
    except DeclarationError:
        return False
    return True


def _asked(request: dict[str, Any], kind: ColumnType, found: Found) -> dict[str, str]:
    """What a person must say of how the file was read."""
    notes = {
        "left_out": "these seem to be names of the municipalities; are they?",
        "left_out_like": "columns of one period each, beside a column of periods: not needed?",
        "turned": "the titles that fit are periods, one row each; is it one figure throughout?",
        "dates": "day first, as seen; is it said anywhere?",
        "decimal_mark": "as seen; is it said anywhere? And is a thousands mark used?",
    }
    asked = {f"request.{name}": note for name, note in notes.items() if name in request}
    if kind is ColumnType.DAY:
        asked["cadence"] = "how often is the register brought up to date?"
        asked["columns.day.name"] = "is this the day on which a row came about?"
    if found.by_name:
        asked["columns.municipality_code.by_name"] = (
            "by name; names that are missing belong in municipality_aliases"
        )
    return asked


def _facts(wanted: Wanted, kind: ColumnType) -> tuple[dict[str, Any], dict[str, str]]:
    """What no file says of itself; every line is a question."""
    address = wanted.page or "-"
    facts: dict[str, Any] = {
        "id": wanted.source_id,
        "provider": wanted.provider,
        "table": wanted.table or wanted.entity,
        "title": wanted.entity.replace("_", " ").capitalize(),
        "title_da": wanted.entity.replace("_", " ").capitalize(),
        "url": address,
        "documentation_url": address,
        "cadence": CADENCES[kind].value,
        "publication_lag_days": CADENCES[kind].days,
        "owner": "secretariat",
        "staging_model": f"stg_{wanted.provider}__{wanted.entity}",
    }
    notes = {
        "table": "what does the producer call it?",
        "title": "what is in it, and of whom",
        "title_da": "the same in Danish",
        "url": "where does the producer offer it?",
        "documentation_url": "where is it explained?",
        "publication_lag_days": "how long after its first day is a period usually published?",
        "owner": "who answers for this source",
    }
    if wanted.is_of_an_unlisted_provider:
        facts["published_by"] = {
            "producer": "-",
            "licence": "-",
            "licence_url": "-",
            "attribution": "Kilde: -",
            "redistribution": "-",
        }
        notes["published_by.producer"] = "who made the figures, on what terms, named how?"
    return facts, notes


def _date_form(columns: dict[str, Cells]) -> DateForm:
    """How days are written in the file: year first unless more columns have them day first."""
    seen = {form: sum(_is_of_days(cells, form) for cells in columns.values()) for form in DAY_FORMS}
    return max(DAY_FORMS, key=lambda form: (seen[form], form == "iso"))


def _is_of_days(cells: Cells, form: DateForm) -> bool:
    """Whether all cells that are filled hold days."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(DAY_FORMS[form].match(cell) for cell in filled)


def _period(columns: dict[str, Cells], dates: DateForm) -> tuple[str, ColumnType]:
    """The column of periods; of a register, the first of days that has one in every row."""
    for name, cells in columns.items():
        for kind, form in PERIOD_FORMS.items():
            periods = [ISO_MONTH.sub(r"\1M\2", cell) for cell in cells]
            if all(form.fullmatch(period) for period in periods):
                return name, kind
    for name, cells in columns.items():
        if all(cells) and _is_of_days(cells, dates):
            return name, ColumnType.DAY
    raise DeclarationError(
        f"None of {', '.join(columns)} holds years (2024), quarters (2024Q1), months (2024M01, "
        "2024-01-01) or days (2024-05-31, 31-05-2024) throughout. A table without a column of "
        "periods cannot be read yet."
    )


def _names_places(found: Found, cells: Cells) -> bool:
    """Whether a column of words says nothing but which municipality a row is of."""
    codes = found.columns[found.header[found.place]]
    pairs = set(zip(codes, cells, strict=True))
    is_words = not any(char.isdigit() for cell in cells for char in cell)
    return is_words and len(pairs) == len(set(codes)) > 1 and len(set(cells)) > len(set(codes)) // 2


def _described(
    columns: dict[str, Cells], found: Found, dates: DateForm, notes: dict[str, str]
) -> list[dict[str, Any]]:
    marks = Conventions(found.request["decimal_mark"], found.request.get("thousands_mark", ""))
    form = number_form(ColumnType.DECIMAL, marks)
    described: list[dict[str, Any]] = []
    for title, cells in columns.items():
        words, unit = _unit(title)
        name = column_name(f"{words} {unit}" if unit not in ("", "%") else _percent(words, unit))
        if name in {column["name"] for column in described}:
            raise DeclarationError(f"{title!r} and another column would both be called {name}.")
        figures = [cell for cell in cells if cell not in file_drop.MISSING]
        is_number = figures and all(form.fullmatch(cell) for cell in figures)
        if is_number and not _names_things(cells):
            column = _column(name, title, "decimal", f"{title}.", is_key=False)
            described.append(column | {"unit": unit or "-", "nullable": True})
            notes[f"columns.{name}.name"] = "is it needed, and is this its name, its unit last?"
            if not unit:
                notes[f"columns.{name}.unit"] = "the header states none"
            continue
        kind = "date" if _is_of_days(cells, dates) else "code"
        column = _column(name, title, kind, f"{title}.", is_key=False)
        described.append(column | _words(cells, kind))
        notes[f"columns.{name}.name"] = "is it needed? Which words may stand in it?"
    return described


def _names_things(cells: Cells) -> bool:
    return (
        len(set(cells)) == len(cells)
        and len({len(cell) for cell in cells}) == 1
        and all(IDENTIFIER.fullmatch(cell) for cell in cells)
    )


def _words(cells: Cells, kind: str) -> dict[str, Any]:
    """The few words that stand in a column, and whether none may."""
    counted = Counter(cell for cell in cells if cell)
    told: dict[str, Any] = {"nullable": True} if "" in cells else {}
    if kind == "code" and counted and len(counted) <= MOST_CODES:
        told["codes"] = {code: code for code in sorted(counted)}
    return told


def _unit(title: str) -> tuple[str, str]:
    """The words of a header and the unit that it states in brackets or as a bare per cent."""
    if found := UNIT.fullmatch(title):
        return found[1], found[2]
    return (title.replace("%", " "), "%") if "%" in title else (title, "")


def _percent(words: str, unit: str) -> str:
    return f"{words} pct" if unit == "%" else words


def _with_key(columns: list[dict[str, Any]], found: Found) -> list[dict[str, Any]]:
    """The fewest columns of words that tell the rows apart: a number that names things, or those
    that come first.
    """
    words = [c for c in columns if c["type"] == "code" and not c.get("nullable")]
    naming = [c for c in words if _names_things(found.columns[c["provider_name"]])][:1]
    key = [column for column in columns if column["key"]] + naming
    for column in [None, *words]:
        key += [column] if column else []
        rows = list(zip(*(found.columns[c["provider_name"]] for c in key), strict=True))
        if len(set(rows)) == len(rows):
            names = {c["name"] for c in key}
            return [column | {"key": column["name"] in names} for column in columns]
    twice = next(row for row, times in Counter(rows).items() if times > 1)
    raise DeclarationError(
        f"Several rows bear {', '.join(twice)}; no column of words tells them apart."
    )


def _column(
    name: str, provider_name: str, kind: str, description: str, *, is_key: bool
) -> dict[str, Any]:
    return {
        "name": name,
        "provider_name": provider_name,
        "type": kind,
        "description": description,
        "key": is_key,
    }


def _cut(sample: Sample, source: Source, found: Found) -> Sample:
    """The sample with the file's first rows only, which is enough to be read again by a test."""
    last = found.at + 1 + SAMPLE_ROWS
    content = sample.answer.content
    if found.request["format"] == "xlsx":
        sheet = open_workbook(source.id, content).sheet(found.request["sheet"])
        content = _small_workbook(sheet, last) if sheet else content
    else:
        content = b"".join(content.splitlines(keepends=True)[:last])
    answer = Answer(content, sample.answer.extension, sample.answer.url, sample.answer.request)
    return Sample(answer, sample.description, sample.frame)


def _small_workbook(sheet: SheetCells, last: int) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet.name
    for (row, column), cell in sheet.cells.items():
        if row <= last:
            there = page.cell(row, column, cell.value)
            there.number_format = cell.number_format or there.number_format
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
