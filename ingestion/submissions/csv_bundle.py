"""A submission as a zip of CSV files, one per sheet, each the same grid as the sheet.

Semicolons, UTF-8 with or without byte order mark, any line ending. Every cell is text; what it
means is understood as in a workbook.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import PurePosixPath

from ingestion.submissions.archive import (
    EXPORT_SUFFIX,
    Archive,
    RefusedError,
    sheet_refusal,
    shown_name,
)
from ingestion.submissions.cells import (
    CELLS_LIMIT,
    COLUMNS_LIMIT,
    ROWS_LIMIT,
    Cell,
    FileCells,
    SheetCells,
    cell_name,
    sheet_name,
)

BYTE_ORDER_MARK = "\ufeff"
STAMP = (1980, 1, 1, 0, 0, 0)
PRIVATE_FILE = 0o600 << 16
UNIX = 3
# Excel's own hint to itself; it is no row of the sheet.
SEPARATOR_HINT = "sep=;"
QUOTED = re.compile(r'"[^"]*"')
OTHER_DELIMITER = re.compile(r",(?! )|\t")
# A spreadsheet runs text that begins so; an apostrophe before it makes it text again.
RUNNABLE = re.compile(r"'*[=+\-@\t\r]")
NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")
DECIMALS_THAT_LOOK_LIKE_THOUSANDS = 3
BOOLEANS = {True: "SAND", False: "FALSK"}
FORMULA_WITHOUT_VALUE = "#FORMEL!"


def read_bundle(archive: Archive) -> FileCells:
    """Read every CSV file as a sheet of the same name; folders do not matter.

    Args:
        archive: an unpacked bundle.

    Raises:
        RefusedError: a file is not UTF-8, not delimited by semicolons, wrongly quoted or too large.
    """
    sheets: list[SheetCells] = []
    left = CELLS_LIMIT
    for position, (name, part) in enumerate(_files(archive.parts).items(), 1):
        sheets.append(_sheet(name, part, position))
        left -= len(sheets[-1].cells)
        if left < 0:
            raise RefusedError("file-too-much-content")
    return FileCells(tuple(sheets), door="csv_bundle")


def _files(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    seen: set[str] = set()
    for path, part in parts.items():
        name = PurePosixPath(path).name
        if not name.lower().endswith(EXPORT_SUFFIX) or name.startswith("."):
            continue
        if name.casefold() in seen:
            raise RefusedError("archive-duplicate-member", found=shown_name(name))
        seen.add(name.casefold())
        files[name] = part
    shared = _shared_prefix(list(files))
    return {name.removeprefix(shared): part for name, part in files.items()}


def _shared_prefix(names: list[str]) -> str:
    """What LibreOffice puts before every sheet it saves: the file's own name and a hyphen."""
    first = names[0] if len(names) > 1 else ""
    starts = [first[:end] for end, letter in enumerate(first, 1) if letter == "-"]
    shared = (s for s in reversed(starts) if all(name.startswith(s) for name in names))
    return next(shared, "")


def _sheet(file_name: str, part: bytes, position: int) -> SheetCells:
    sheet = sheet_name(file_name[: -len(EXPORT_SUFFIX)])
    cells: dict[tuple[int, int], Cell] = {}
    for row, values in enumerate(_rows(file_name, _text(file_name, part)), 1):
        for column, value in enumerate(values, 1):
            if value:
                _check_place(sheet, position, row, column)
                cells[row, column] = Cell("text", _revived(value))
    return SheetCells(sheet, cells)


def _text(file_name: str, part: bytes) -> str:
    try:
        text = part.decode("utf-8").removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError:
        raise RefusedError("csv-encoding", found=shown_name(file_name)) from None
    # UTF-16 without its mark is valid UTF-8, with a NUL after every letter.
    if "\0" in text:
        raise RefusedError("csv-encoding", found=shown_name(file_name))
    bare = QUOTED.sub("", text)
    if ";" not in bare and OTHER_DELIMITER.search(bare):
        raise RefusedError("csv-delimiter", found=shown_name(file_name))
    return text


def _rows(file_name: str, text: str) -> Iterator[list[str]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        for number, row in enumerate(rows, 1):
            if number > 1 or row != [SEPARATOR_HINT.removesuffix(";"), ""]:
                yield row
    except csv.Error:
        raise RefusedError("csv-unreadable", found=shown_name(file_name)) from None


def _check_place(sheet: str, position: int, row: int, column: int) -> None:
    if row > ROWS_LIMIT or column > COLUMNS_LIMIT:
        raise sheet_refusal(
            "sheet-range-too-large",
            sheet,
            position,
            found=cell_name(row, column),
            rows=ROWS_LIMIT,
            columns=COLUMNS_LIMIT,
        )


def _revived(text: str) -> str:
    return text[1:] if NEUTRALISED.match(text) else text


def write_bundle(file: FileCells) -> bytes:
    """Write sheets as a bundle; the same sheets always give the same bytes.

    Args:
        file: what to write, for instance a workbook that has been read.

    Returns:
        The zip file. Text that a spreadsheet would run is neutralised by an apostrophe, which
        ``read_bundle`` takes away again.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for sheet in sorted(file.sheets, key=lambda sheet: sheet.name):
            info = zipfile.ZipInfo(
                f"{unicodedata.normalize('NFC', sheet.name)}{EXPORT_SUFFIX}", STAMP
            )
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr, info.create_system = PRIVATE_FILE, UNIX
            archive.writestr(info, f"{BYTE_ORDER_MARK}{_csv(sheet)}".encode())
    return packed.getvalue()


def _csv(sheet: SheetCells) -> str:
    rows = max((row for row, _ in sheet.cells), default=0)
    columns = max((column for _, column in sheet.cells), default=0)
    grid = [["" for _ in range(columns)] for _ in range(rows)]
    for (row, column), cell in sheet.cells.items():
        grid[row - 1][column - 1] = _written(cell)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(grid)
    return text.getvalue()


def _written(cell: Cell) -> str:
    if isinstance(cell.value, bool):
        return BOOLEANS[cell.value]
    if isinstance(cell.value, float):
        return _number(cell.value, is_percent="%" in (cell.number_format or ""))
    if cell.value is None:
        return FORMULA_WITHOUT_VALUE
    is_runnable = cell.kind == "text" and RUNNABLE.match(cell.value)
    return f"'{cell.value}" if is_runnable else cell.value


def _number(value: float, *, is_percent: bool) -> str:
    """In Danish, without thousands separators, and never such that it can mean two numbers."""
    number = Decimal(repr(value))
    if not number.is_finite():
        return repr(value)
    whole, _, decimals = f"{number * 100 if is_percent else number:f}".partition(".")
    decimals = decimals.rstrip("0")
    if len(decimals) == DECIMALS_THAT_LOOK_LIKE_THOUSANDS:
        decimals += "0"
    text = f"{whole},{decimals}" if decimals else whole
    return f"{text} %" if is_percent else text
