"""How workbooks are written: text is never a formula, no temporary files, same content same bytes.

Everything openpyxl needs is imported here, once: the process that handles untrusted files cannot
open any.
"""

import codecs
import re
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import openpyxl.packaging.extended  # noqa: F401  imported late by openpyxl itself
from openpyxl.cell import Cell, MergedCell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.workbook import Workbook
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MEMBER_TIME = (2021, 6, 4, 0, 0, 0)

# Names of zip members that are not ASCII are decoded with it, and Python loads it when first used.
codecs.lookup("cp437")


def printable(text: str) -> str:
    """Text with what XML cannot hold made visible."""
    return UNPRINTABLE.sub("\ufffd", text)


def cell_at(worksheet: Worksheet, row: int, column: int) -> Cell:
    """A cell to write in; it is made when there is none.

    Raises:
        TypeError: the place lies in a merged range and is not its first cell.
    """
    cell = worksheet.cell(row, column)
    if isinstance(cell, MergedCell):
        raise TypeError(f"{cell.coordinate} is merged into another cell")
    return cell


def put_text(cell: Cell, text: str) -> None:
    """Write text that stays text, whatever it begins with."""
    cell.value = printable(text)
    cell.data_type = "s"
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True


def workbook_bytes(workbook: Workbook) -> bytes:
    """The file of a workbook, which is spent afterwards."""
    out = BytesIO()
    _MemoryWriter(workbook, _SameEveryTime(out, "w", ZIP_DEFLATED)).save()
    return out.getvalue()


class _SameEveryTime(ZipFile):
    """A zip whose members carry no time of their own."""

    def writestr(self, zinfo_or_arcname: ZipInfo | str, data: Any, *_: Any, **__: Any) -> None:
        name = zinfo_or_arcname if isinstance(zinfo_or_arcname, str) else zinfo_or_arcname.filename
        member = ZipInfo(name, MEMBER_TIME)
        member.compress_type = ZIP_DEFLATED
        super().writestr(member, data)


class _MemoryWriter(ExcelWriter):
    """openpyxl's writer puts each sheet in a temporary file first; this one does not."""

    _archive: ZipFile

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts = ws._charts
        ws._drawing.images = ws._images
        out = BytesIO()
        writer: Any = WorksheetWriter(ws, out)
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], out.getvalue())
        self.manifest.append(ws)
