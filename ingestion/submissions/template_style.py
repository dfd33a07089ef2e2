"""How the workbook looks: its palette and the named styles of its cells.

Named styles keep a cell's own look beside what is laid over it, so a mark can be taken off again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.submissions.form import Field

FONT = "Calibri"
INK, MUTED, WHITE = "FF1F2A30", "FF66747A", "FFFFFFFF"
DEEP, PALE, QUIET = "FF1F5C57", "FFD6E8E4", "FFE9ECED"
SHOWN, INPUT, REQUIRED = "FFF6F7F7", "FFFFFDED", "FFFFF0BC"
LINE, STRONG_LINE = "FFCFD6D9", "FF7C9B97"
ERROR, WARNING = "FFF4B6AE", "FFFFD58A"
ERROR_INK, WARNING_INK = "FF9B1C10", "FF8A5200"

A4 = 9
ROW_HEIGHT, LINE_HEIGHT, PADDING = 19, 15.5, 6
# A column is measured in digits; letters of running text are narrower.
LETTERS_PER_DIGIT = 1.15

WHOLE, FRACTION, YEAR, DATE, TEXT = "#,##0", "#,##0.0##", "0", "dd\\-mm\\-yyyy", "@"
FORMATS = {"text": TEXT, "number": WHOLE, "fraction": FRACTION, "year": YEAR, "date": DATE}
KINDS = {"amount": "number", "number": "number", "year": "year", "cvr": "year", "date": "date"}

TITLE, INTRO, BLOCK_TITLE = "Titel", "Indledning", "Tabeltitel"
PLAIN, STRONG, LINK = "Brødtekst", "Fremhævet", "Henvisning"
HEADER_SHOWN, HEADER_INPUT, HEADER_REQUIRED = (
    "Overskrift til læsning",
    "Overskrift til felt",
    "Overskrift til krævet felt",
)
HEADERS = frozenset({HEADER_SHOWN, HEADER_INPUT, HEADER_REQUIRED})
CODE = "Kode"


@dataclass(frozen=True)
class Look:
    """One family of cells: its fill, and whether people write in it."""

    name: str
    fill: str
    is_locked: bool


FIELD_LOOKS = (
    Look("Til læsning", SHOWN, True),
    Look("Felt", INPUT, False),
    Look("Krævet felt", REQUIRED, False),
)
SHOWN_LOOK, INPUT_LOOK, REQUIRED_LOOK = FIELD_LOOKS


def cell_style(look: Look, kind: str) -> str:
    """The named style of a cell: ``Krævet felt, number``."""
    return f"{look.name}, {kind}"


def field_look(field: Field) -> Look:
    """How a field's cells look."""
    if field.is_shown_only:
        return SHOWN_LOOK
    return REQUIRED_LOOK if field.is_required else INPUT_LOOK


def field_style(field: Field) -> str:
    """The named style of a field's cells."""
    return cell_style(field_look(field), KINDS.get(field.type, "text"))


def header_style(field: Field) -> str:
    """The named style of a field's header."""
    if field.is_shown_only:
        return HEADER_SHOWN
    return HEADER_REQUIRED if field.is_required else HEADER_INPUT


def solid(colour: str) -> PatternFill:
    """A plain fill."""
    return PatternFill("solid", fgColor=colour)


def row_height(texts: Iterable[tuple[str, int]]) -> float:
    """The height of a row, in points, in which every text is seen whole.

    Args:
        texts: each text with the width of its column, in characters.
    """
    lines = max((_lines(text, int(width * LETTERS_PER_DIGIT)) for text, width in texts), default=1)
    return max(ROW_HEIGHT, lines * LINE_HEIGHT + PADDING)


def _lines(text: str, width: int) -> int:
    lines, left = 1, width
    for word in text.split():
        if len(word) > left and left < width:
            lines, left = lines + 1, width
        lines += ceil(len(word) / width) - 1
        left -= len(word) + 1
    return lines


def print_on_a4(worksheet: Worksheet, *, pages_high: int | None = None) -> None:
    """Lay a sheet out for landscape A4, one page wide.

    Args:
        worksheet: the sheet.
        pages_high: how many pages it may take; as many as it needs when not given.
    """
    page, margins = worksheet.page_setup, worksheet.page_margins
    page.orientation, page.paperSize = "landscape", A4
    page.fitToWidth, page.fitToHeight = 1, pages_high or 0
    worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.footer = 0.5, 0.75, 0.35


def named_styles() -> tuple[NamedStyle, ...]:
    """Every named style, new, since a workbook binds those it is given."""
    fields = (_field_style(look, kind) for look in FIELD_LOOKS for kind in FORMATS)
    return (*_text_styles(), *_header_styles(), *fields)


def _text_styles() -> tuple[NamedStyle, ...]:
    wrapped = Alignment(vertical="center", wrap_text=True, horizontal="left", indent=1)
    middle = Alignment(vertical="center")
    return (
        _style(TITLE, Font(name=FONT, size=18, bold=True, color=DEEP), middle),
        _style(INTRO, Font(name=FONT, size=11, color=MUTED), middle),
        _style(BLOCK_TITLE, Font(name=FONT, size=13, bold=True, color=DEEP), middle),
        _style(PLAIN, Font(name=FONT, size=11, color=INK), wrapped),
        _style(STRONG, Font(name=FONT, size=11, bold=True, color=INK), wrapped),
        _style(LINK, Font(name=FONT, size=11, color=DEEP, underline="single"), wrapped),
        _style(CODE, Font(name=FONT, size=9, color=MUTED), _cell_alignment("text"), SHOWN),
    )


def _header_styles() -> tuple[NamedStyle, ...]:
    looks = (
        (HEADER_SHOWN, QUIET, INK),
        (HEADER_INPUT, PALE, DEEP),
        (HEADER_REQUIRED, DEEP, WHITE),
    )
    aligned = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
    return tuple(
        _style(name, Font(name=FONT, size=11, bold=True, color=ink), aligned, fill)
        for name, fill, ink in looks
    )


def _field_style(look: Look, kind: str) -> NamedStyle:
    ink = Font(name=FONT, size=11, color=INK)
    style = _style(cell_style(look, kind), ink, _cell_alignment(kind), look.fill)
    style.number_format = FORMATS[kind]
    style.protection = Protection(locked=look.is_locked)
    return style


def _cell_alignment(kind: str) -> Alignment:
    is_text = kind == "text"
    across = "left" if is_text else "right"
    return Alignment(horizontal=across, vertical="center", wrap_text=is_text, indent=1)


def _style(name: str, font: Font, aligned: Alignment, fill: str | None = None) -> NamedStyle:
    style = NamedStyle(name, font=font, alignment=aligned)
    if fill:
        line = Side("thin", color=LINE)
        style.fill = solid(fill)
        style.border = Border(left=line, right=line, top=line, bottom=line)
    return style
