"""The first sheet of the workbook: how to fill it in, what colours and keys mean, where to ask."""

from openpyxl.styles import Protection
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.submissions import template_style as style
from ingestion.submissions.form import Form
from ingestion.submissions.saving import cell_at, put_text

GUIDANCE_SHEET = "Vejledning"
CONTACT = "Spørgsmål om skemaet besvares af sekretariatet."
MARGIN_WIDTH, NAME_WIDTH, TEXT_WIDTH = 3, 24, 105
TITLE_HEIGHT, HEADING_HEIGHT = 34, 30

COLOURS = (
    (
        style.cell_style(style.REQUIRED_LOOK, "text"),
        "Skal udfyldes, i tabeller i hver række, der bruges.",
    ),
    (style.cell_style(style.INPUT_LOOK, "text"), "Udfyldes, når det er relevant."),
    (style.cell_style(style.SHOWN_LOOK, "text"), "Til læsning. Feltet er låst."),
    (style.HEADER_REQUIRED, "Kolonnen skal udfyldes."),
    (style.HEADER_INPUT, "Kolonnen udfyldes, når det er relevant."),
)
SWATCHES = {style.HEADER_REQUIRED: "Overskrift", style.HEADER_INPUT: "Overskrift"}
KEYS = (
    ("NO", "Forekommer ikke i kommunen. Tæller som nul."),
    ("NE", "Ikke opgjort. Summer, som tallet indgår i, er mindst så store som vist."),
    ("IE", "Indgår i et andet tal. Skriv koden på den række i forklaringen."),
    ("C", "Fortroligt. Tallet offentliggøres aldrig."),
)


def write_guidance(worksheet: Worksheet, form: Form, municipality: str, year: int) -> None:
    """Fill the sheet.

    Args:
        worksheet: an empty sheet.
        form: what is guided through.
        municipality: the name of the municipality.
        year: the year reported for.
    """
    page = _Page(worksheet)
    page.line(form.title_da, style.TITLE, TITLE_HEIGHT)
    page.line(f"{municipality} {year}".strip(), style.INTRO)
    page.heading("Sådan gør du")
    for number, text in enumerate(form.guidance_da, 1):
        page.pair(f"{number}.", text)
    page.heading("Felternes farver")
    for name, meaning in COLOURS:
        page.pair(SWATCHES.get(name, "Felt"), meaning, swatch=name)
    if _takes_keys(form):
        page.heading("Nøgler, der kan skrives i stedet for et tal")
        for key, meaning in KEYS:
            page.pair(key, meaning)
    page.heading("Ark")
    for sheet in form.sheets:
        page.pair(sheet.name, sheet.intro_da, is_link=True)
    page.heading("Hjælp")
    page.pair("Kontakt", CONTACT)
    page.pair("Skema", f"{form.title_da}, version {form.version}")
    worksheet.sheet_view.showGridLines = False
    worksheet.sheet_properties.tabColor = style.MUTED


def _takes_keys(form: Form) -> bool:
    return any(field.type == "amount" for block in form.blocks for field in block.fields)


class _Page:
    """Writes line after line: names in column B, texts in column C."""

    def __init__(self, worksheet: Worksheet) -> None:
        self._worksheet = worksheet
        self._row = 1
        widths = {"A": MARGIN_WIDTH, "B": NAME_WIDTH, "C": TEXT_WIDTH}
        for letters, width in widths.items():
            worksheet.column_dimensions[letters].width = width

    def line(self, text: str, name: str, height: float | None = None) -> None:
        cell = cell_at(self._worksheet, self._row, 2)
        cell.style = name
        put_text(cell, text)
        if height:
            self._worksheet.row_dimensions[self._row].height = height
        self._row += 1

    def heading(self, text: str) -> None:
        self.line(text, style.BLOCK_TITLE, HEADING_HEIGHT)

    def pair(self, name: str, text: str, *, swatch: str = "", is_link: bool = False) -> None:
        label = cell_at(self._worksheet, self._row, 2)
        label.style = swatch or (style.LINK if is_link else style.STRONG)
        label.protection = Protection(locked=True)
        put_text(label, name)
        if is_link:
            place = f"'{name}'!A1"
            label.hyperlink = Hyperlink(ref=label.coordinate, location=place, display=name)
            label.style = style.LINK
        meaning = cell_at(self._worksheet, self._row, 3)
        meaning.style = style.PLAIN
        put_text(meaning, text)
        height = style.row_height([(text, TEXT_WIDTH)])
        self._worksheet.row_dimensions[self._row].height = height
        self._row += 1
