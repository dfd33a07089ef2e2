"""A draft out of a sample of a CSV or XLSX file: what the columns of its table look like.

A file describes itself less than an interface does, so more is asked of a person: the dialect is
what was seen, not what was said.
"""

import io
import re
from collections import Counter
from dataclasses import replace
from typing import Any

from ingestion.casting import number_form
from ingestion.declaration import ColumnType, Source
from ingestion.drafting import CADENCES, PROTOCOLS, Draft, Sample, Wanted, column_name
from ingestion.drafting.file_periods import (
    Period,
    are_days,
    date_form,
    periods_in,
    without_wide_titles,
)
from ingestion.drafting.file_search import (
    FEWEST_MUNICIPALITIES,
    Cells,
    Found,
    find_in_file,
    unknown_names,
)
from ingestion.drafting.sampling import sampled, with_what_was_seen
from ingestion.errors import DeclarationError
from ingestion.file_tables import open_workbook
from ingestion.protocols import Access, Answer, Conventions, Look, file_drop
from ingestion.submissions.cells import SheetCells

ROOM, MOST_CODES, SAMPLE_ROWS = 10, 30, 400
# Numbers that name things rather than count them: long, of one length, never twice.
IDENTIFIER = re.compile("[0-9]{6,}")
# Or labels with a figure in them, such as A-0017.
LABEL = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[\w./-]{3,30}")
WHOLE = re.compile("-?[0-9]+")
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
    found = find_in_file(name, content, wanted.spellings, wanted.decimal_mark)
    if found and (unknown := unknown_names(found, wanted.spellings)):
        raise DeclarationError(
            f"{name}: nobody knows the municipality {', '.join(unknown[:5])}. A spelling that is "
            "right belongs in dbt_project/seeds/municipality_aliases.csv."
        )
    if found is None:
        raise DeclarationError(
            f"{name}: no column holds the codes or the names of at least {FEWEST_MUNICIPALITIES} "
            "municipalities below a header."
        )
    return replace(found, request=found.request | _linked(wanted))


def _declared(wanted: Wanted, found: Found) -> tuple[dict[str, Any], dict[str, str]]:
    """What the sample shows, with its notes."""
    found = without_wide_titles(found)
    place = found.header[found.place]
    rest = {name: cells for name, cells in found.columns.items() if name != place}
    dates = date_form(rest)
    when, *other_periods = periods_in(rest, dates)
    del rest[when.title]
    left_out = _not_needed(rest, found)
    request = {"dates": dates, "left_out": left_out, "header_within": found.at + 1 + ROOM}
    found = replace(found, request=found.request | request)
    facts, notes = _facts(wanted, when.kind)
    kind = when.kind.value
    columns = [
        _column("municipality_code", place, "municipality", "The municipality.", is_key=True)
        | ({"by_name": True} if found.by_name else {}),
        _column(_period_name(when.kind), when.title, kind, f"The {kind} meant.", is_key=True),
    ]
    columns += _described(
        {n: c for n, c in rest.items() if n not in left_out}, found, columns, notes
    )
    if not any(column.get("unit") for column in columns):
        raise DeclarationError(
            f"The table below {', '.join(found.header)} has no column of figures."
        )
    told = {f: value for f, value in found.request.items() if value not in ("", [], "iso")}
    declared = facts | {"request": told, "columns": _with_key(columns, found)}
    return declared, notes | _asked(told, when, [p.title for p in other_periods], found)


def _period_name(kind: ColumnType) -> str:
    """``day`` is a word of SQL."""
    return "entry_date" if kind is ColumnType.DAY else kind.value


def _not_needed(rest: dict[str, Cells], found: Found) -> list[str]:
    """Names of the municipalities, and figures that turning would repeat with every period."""
    turned, form = found.request.get("turned"), _number_form(found.request)
    return [
        name
        for name, cells in rest.items()
        if _names_places(found, cells)
        or (turned and name != turned["value"] and _is_of_numbers(cells, form))
    ]


def _asked(
    request: dict[str, Any], when: Period, other_periods: list[str], found: Found
) -> dict[str, str]:
    """What a person must say of how the file was read."""
    sheets, places = ", ".join(found.elsewhere), ", ".join(found.also)
    notes = {
        "left_out": "names of the municipalities, or figures beside those of single periods?",
        "left_out_like": "columns of one period each, beside a column of periods: not needed?",
        "turned": "the titles that fit are periods, one row each; is it one figure throughout?",
        "dates": "day first, as seen; is it said anywhere?",
        "decimal_mark": "as seen; is it said anywhere? And is a thousands mark used?",
        "thousands_mark": "as seen; does it part thousands throughout?",
        "sheet": f"tables stand in {sheets} as well; is it this one?" if sheets else "",
    }
    asked = {f"request.{name}": note for name, note in notes.items() if note and name in request}
    period = f"columns.{_period_name(when.kind)}.name"
    if when.kind is ColumnType.DAY:
        asked["cadence"] = "how often is the register brought up to date?"
        asked[period] = "is this the day on which a row came about?"
    if other_periods:
        asked[period] = f"{', '.join(other_periods)} holds periods as well; is it this one?"
    if found.by_name:
        asked["columns.municipality_code.by_name"] = (
            "by name; names that are missing belong in municipality_aliases"
        )
    if places:
        asked["columns.municipality_code.name"] = (
            f"{places} holds municipalities as well; this one?"
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


def _names_places(found: Found, cells: Cells) -> bool:
    """Whether a column of words says nothing but which municipality a row is of."""
    codes = found.columns[found.header[found.place]]
    pairs = set(zip(codes, cells, strict=True))
    is_words = not any(char.isdigit() for cell in cells for char in cell)
    return is_words and len(pairs) == len(set(codes)) > 1 and len(set(cells)) > len(set(codes)) // 2


def _described(
    columns: dict[str, Cells], found: Found, before: list[dict[str, Any]], notes: dict[str, str]
) -> list[dict[str, Any]]:
    form = _number_form(found.request)
    described: list[dict[str, Any]] = []
    for title, cells in columns.items():
        words, unit = _unit(title)
        wanted = column_name(f"{words} {unit}" if unit not in ("", "%") else _percent(words, unit))
        name = _unused(wanted, [*before, *described])
        is_number = _is_of_numbers(cells, form) and title not in found.also
        if is_number and not _names_things(cells):
            kind = "integer" if all(WHOLE.fullmatch(c) for c in _figures(cells)) else "decimal"
            column = _column(name, title, kind, f"{title}.", is_key=False)
            described.append(column | {"unit": unit or "-", "nullable": True})
            notes[f"columns.{name}.name"] = "is it needed, and is this its name, its unit last?"
            if not unit:
                notes[f"columns.{name}.unit"] = "the header states none"
            continue
        kind = "date" if are_days(cells, found.request["dates"]) else "code"
        column = _column(name, title, kind, f"{title}.", is_key=False)
        described.append(column | _words(cells, kind))
        notes[f"columns.{name}.name"] = "is it needed? Which words may stand in it?"
    return described


def _unused(name: str, others: list[dict[str, Any]]) -> str:
    """The name, or one that differs from those of other columns and of their staged codes."""
    used = {other["name"] for other in others} | {f"{other['name']}_code" for other in others}
    while name in used or f"{name}_code" in used:
        name = f"{name}_too"
    return name


def _number_form(request: dict[str, Any]) -> re.Pattern[str]:
    marks = Conventions(request["decimal_mark"], request.get("thousands_mark", ""))
    return number_form(ColumnType.DECIMAL, marks)


def _figures(cells: Cells) -> Cells:
    return [cell for cell in cells if cell not in file_drop.MISSING]


def _is_of_numbers(cells: Cells, form: re.Pattern[str]) -> bool:
    figures = _figures(cells)
    return bool(figures) and all(form.fullmatch(cell) for cell in figures)


def _names_things(cells: Cells) -> bool:
    """Whether the cells are numbers or labels of single things: never empty, never twice."""
    if len(set(cells)) < len(cells) or "" in cells:
        return False
    is_long = len({len(cell) for cell in cells}) == 1 and all(map(IDENTIFIER.fullmatch, cells))
    return is_long or all(LABEL.fullmatch(cell) for cell in cells)


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
