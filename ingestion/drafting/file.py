"""A draft out of a sample of a CSV or XLSX file: where its table is, what its columns look like.

A file describes itself less than an interface does, so more is asked of a person: the dialect is
what was seen, not what was said.
"""

import io
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ingestion.casting import ISO_MONTH, NO_MUNICIPALITY, PERIOD_FORMS, number_form
from ingestion.declaration import ColumnType, FileDropRequest, Source
from ingestion.drafting import CADENCES, PROTOCOLS, Draft, Sample, Wanted, column_name
from ingestion.drafting.sampling import sampled, with_what_was_seen
from ingestion.errors import DeclarationError
from ingestion.file_tables import Rows, column_title, open_workbook, read_grid
from ingestion.geography import KNOWN_MUNICIPALITIES
from ingestion.protocols import Access, Answer, Conventions, Look, file_drop
from ingestion.submissions.cells import SheetCells

FEWEST_MUNICIPALITIES, LOOKED_THROUGH, ROOM, MOST_CODES, SAMPLE_ROWS = 20, 100, 10, 30, 400
MOST_LOOKED_AT = 200
UNIT = re.compile(r"^(.*?)\s*[(\[]([^()\[\]]{1,20})[)\]]\s*$")
DECIMAL_COMMA, DECIMAL_POINT = re.compile(r"-?[\d. ]*,\d+"), re.compile(r"-?[\d, ]*\.\d+")
Cells = list[str]


@dataclass(frozen=True)
class Found:
    """A table in a file: its header, its rows, and which column holds municipalities."""

    request: dict[str, Any]
    at: int
    header: Cells
    rows: Rows
    place: int

    @cached_property
    def columns(self) -> dict[str, Cells]:
        """Cells by the file's name of the column, where it has one."""
        named = enumerate(self.header)
        return {name: [row[i].strip() for row in self.rows] for i, name in named if name}


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
    sample = sampled(source, access, {"file": name}, look)
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
    """The table of the sheet, or of the delimiter, that shows most municipalities."""
    is_workbook = content.startswith(b"PK")
    candidates = _sheets(name, content) if is_workbook else _dialects(content)
    tables = [t for request in candidates if (t := _table_of(name, content, request))]
    if not tables:
        raise DeclarationError(
            f"{name}: no column holds the codes of at least {FEWEST_MUNICIPALITIES} "
            "municipalities below a header. Names are not enough (101 or 0101 is København)."
        )
    best = max(tables, key=lambda table: len(table.rows))
    return replace(best, request=best.request | _linked(wanted))


def _sheets(name: str, content: bytes) -> list[dict[str, Any]]:
    names = [sheet.name for sheet in open_workbook(name, content).sheets if not sheet.is_hidden]
    return [{"format": "xlsx", "sheet": sheet} for sheet in names]


def _dialects(content: bytes) -> list[dict[str, Any]]:
    encoding = next(e for e in ("utf-8", "cp1252", "latin-1") if _decodes(content, e))
    return [{"format": "csv", "delimiter": mark, "encoding": encoding} for mark in ";,\t|"]


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _table_of(name: str, content: bytes, request: dict[str, Any]) -> Found | None:
    """The rows from the first with a municipality's code on, and the header above them."""
    asked = {"protocol": "file_drop", "decimal_mark": ".", **request}
    rows = read_grid(name, content, FileDropRequest.model_validate(asked)).rows
    width = max(map(len, rows[:MOST_LOOKED_AT]), default=0)
    for at in range(min(len(rows) - 1, LOOKED_THROUGH)):
        for place in range(width):
            if _is_place(rows[at], place) or not _is_place(rows[at + 1], place):
                continue
            header = [column_title(cell) for cell in rows[at]]
            if place >= len(header) or not header[place]:
                continue
            end = next((i for i, row in enumerate(rows[at:]) if not any(row)), len(rows) - at)
            below = [row for row in rows[at + 1 : at + end] if len(row) >= len(header)]
            if _municipalities(below, place) >= FEWEST_MUNICIPALITIES:
                return Found({**asked, **_marks(below)}, at, header, below, place)
    return None


def _is_place(row: Cells, column: int) -> bool:
    code = row[column].strip() if column < len(row) else ""
    is_known = code.zfill(4) in KNOWN_MUNICIPALITIES
    return is_known or NO_MUNICIPALITY.fullmatch(code) is not None


def _municipalities(rows: Rows, column: int) -> int:
    return len({row[column].strip().zfill(4) for row in rows} & KNOWN_MUNICIPALITIES)


def _marks(rows: Rows) -> dict[str, str]:
    """Decimal and thousands mark, as far as the cells show them."""
    cells = [cell.strip() for row in rows for cell in row]
    comma = [c for c in cells if DECIMAL_COMMA.fullmatch(c)]
    point = [c for c in cells if DECIMAL_POINT.fullmatch(c)]
    mark = "," if len(comma) > len(point) else "."
    other = "." if mark == "," else ","
    grouped = re.compile(rf"-?\d{{1,3}}(?:{re.escape(other)}\d{{3}})+(?:{re.escape(mark)}\d+)?")
    return {
        "decimal_mark": mark,
        "thousands_mark": other if any(grouped.fullmatch(c) for c in cells) else "",
    }


def _declared(wanted: Wanted, found: Found) -> tuple[dict[str, Any], dict[str, str]]:
    """What the sample shows, with its notes."""
    place = found.header[found.place]
    rest = {name: cells for name, cells in found.columns.items() if name != place}
    when, kind = _period(rest)
    del rest[when]
    left_out = [name for name, cells in rest.items() if _names_places(found, cells)]
    facts, notes = _facts(wanted, kind)
    columns = [
        _column("municipality_code", place, "municipality", "The municipality.", is_key=True),
        _column(kind.value, when, kind.value, f"The {kind.value} that is meant.", is_key=True),
        *_described({n: c for n, c in rest.items() if n not in left_out}, found, notes),
    ]
    if not any(column.get("unit") for column in columns):
        raise DeclarationError(
            f"The table below {', '.join(found.header)} has no column of figures."
        )
    request = {k: v for k, v in found.request.items() if v != ""}
    request |= {"header_within": found.at + 1 + ROOM}
    if left_out:
        request["left_out"] = left_out
        notes["request.left_out"] = "these seem to be names of the municipalities; are they?"
    notes["request.decimal_mark"] = "as seen; is it said anywhere? And is a thousands mark used?"
    return facts | {"request": request, "columns": _with_key(columns, found)}, notes


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


def _period(columns: dict[str, Cells]) -> tuple[str, ColumnType]:
    for name, cells in columns.items():
        for kind, form in PERIOD_FORMS.items():
            periods = [ISO_MONTH.sub(r"\1M\2", cell) for cell in cells]
            if all(form.fullmatch(period) for period in periods):
                return name, kind
    raise DeclarationError(
        f"None of {', '.join(columns)} holds years (2024), quarters (2024Q1) or months (2024M01, "
        "2024-01-01) throughout. A table without a column of periods cannot be read yet."
    )


def _names_places(found: Found, cells: Cells) -> bool:
    """Whether a column of words says nothing but which municipality a row is of."""
    codes = found.columns[found.header[found.place]]
    pairs = set(zip(codes, cells, strict=True))
    is_words = not any(char.isdigit() for cell in cells for char in cell)
    return is_words and len(pairs) == len(set(codes)) > 1 and len(set(cells)) > len(set(codes)) // 2


def _described(
    columns: dict[str, Cells], found: Found, notes: dict[str, str]
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
        if figures and all(form.fullmatch(cell) for cell in figures):
            column = _column(name, title, "decimal", f"{title}.", is_key=False)
            described.append(column | {"unit": unit or "-", "nullable": True})
            notes[f"columns.{name}.name"] = "is it needed, and is this its name, its unit last?"
            if not unit:
                notes[f"columns.{name}.unit"] = "the header states none"
            continue
        counted = Counter(cells)
        codes = {code: code for code in sorted(counted)} if len(counted) <= MOST_CODES else None
        column = _column(name, title, "code", f"{title}.", is_key=False)
        described.append(column | ({"codes": codes} if codes and "" not in codes else {}))
        notes[f"columns.{name}.name"] = "is it needed? Which words may stand in it?"
    return described


def _unit(title: str) -> tuple[str, str]:
    """The words of a header and the unit that it states in brackets or as a bare per cent."""
    if found := UNIT.fullmatch(title):
        return found[1], found[2]
    return (title.replace("%", " "), "%") if "%" in title else (title, "")


def _percent(words: str, unit: str) -> str:
    return f"{words} pct" if unit == "%" else words


def _with_key(columns: list[dict[str, Any]], found: Found) -> list[dict[str, Any]]:
    """The fewest of the columns of words, in their order, that tell the rows apart."""
    key = [column for column in columns if column["key"]]
    for column in [None, *(c for c in columns if c["type"] == "code")]:
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
