"""What a spreadsheet itself checks while people type, and what it tells them: validations.

They help; they do not judge. A pasted value passes them, so every rule is checked again on intake.
Lists stand behind defined names: a list named by its sheet would be saved by Excel in an extension
that other programs drop.
"""

from collections.abc import Callable
from datetime import date
from itertools import groupby
from typing import Literal

from openpyxl.formatting.rule import Rule
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.submissions.cells import cell_name, column_letters
from ingestion.submissions.form import Block, Choice, Field, FixedRow
from ingestion.submissions.saving import cell_at, put_text
from ingestion.submissions.template_style import FRACTION
from ingestion.submissions.values import FIRST_DATE, LAST_DATE, LONGEST_TEXT
from ingestion.submissions.wording import danish_number

LISTS_SHEET = "_lister"
LONGEST_TITLE, LONGEST_MESSAGE = 32, 255
KEYS = ("NO", "NE", "IE", "C")
# Beyond the ids that openpyxl gives the formats of cells: one id with two formats confuses Excel.
FRACTION_FORMAT_ID = 200
WIDEST = 1e15


class Lists:
    """The lists of answers, each a column of the hidden sheet behind a defined name."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._sheet: Worksheet = workbook.create_sheet(LISTS_SHEET)
        self._names: dict[tuple[Choice, ...], str] = {}

    def name(self, choices: tuple[Choice, ...]) -> str:
        """The defined name of a list; it is written when first asked for."""
        if choices not in self._names:
            self._names[choices] = self._write(choices)
        return self._names[choices]

    def _write(self, choices: tuple[Choice, ...]) -> str:
        column = len(self._names) + 1
        name, letters = f"svar_{column}", column_letters(column)
        for row, choice in enumerate(choices, 1):
            put_text(cell_at(self._sheet, row, column), choice.label_da)
        area = f"{LISTS_SHEET}!${letters}$1:${letters}${len(choices)}"
        self._workbook.defined_names[name] = DefinedName(name, attr_text=area)
        return name


def add_rules(worksheet: Worksheet, block: Block, lists: Lists) -> None:
    """Add the validations, input prompts and number formats of a block to its sheet."""
    rows: list[FixedRow | None] = [*block.fixed_rows] or [None] * block.free_rows
    numbered = list(enumerate(rows, block.first_row))
    for column, field in enumerate(block.fields, 1):

        def asked(entry: tuple[int, FixedRow | None], field: Field = field) -> tuple[Field, str]:
            return _asked(block, field, entry[1])

        for (own, guidance), run in groupby(numbered, key=asked):
            if not own.is_shown_only:
                where = [row for row, _ in run]
                area = f"{cell_name(where[0], column)}:{cell_name(where[-1], column)}"
                rule = _rule(own, cell_name(where[0], column), lists)
                _say(rule, own, guidance)
                rule.add(area)
                worksheet.add_data_validation(rule)
        _show_fractions(worksheet, block, field)


def _asked(block: Block, field: Field, row: FixedRow | None) -> tuple[Field, str]:
    """What a cell asks for, and the guidance of its row where the field is the row's own answer."""
    own = block.field_for(field, row)
    guidance = row.labels.get("help", "") if row and own is not field else ""
    return own, guidance if guidance != own.help_da else ""


def _rule(field: Field, first: str, lists: Lists) -> DataValidation:
    if field.type == "choice":
        return DataValidation("list", formula1=lists.name(field.choices))
    return RULES.get(field.type, _text_rule)(field, first)


def _text_rule(_: Field, __: str) -> DataValidation:
    return DataValidation("textLength", operator="lessThanOrEqual", formula1=str(LONGEST_TEXT))


def _amount_rule(field: Field, first: str) -> DataValidation:
    keys = ",".join(f'{first}="{key}"' for key in KEYS)
    return DataValidation(
        "custom", formula1=f"IF(ISNUMBER({first}),{_is_in_range(field, first)},OR({keys}))"
    )


def _number_rule(field: Field, _: str) -> DataValidation:
    low = -WIDEST if field.minimum is None else field.minimum
    high = WIDEST if field.maximum is None else field.maximum
    kind: Literal["whole", "decimal"] = "whole" if field.is_integer else "decimal"
    return DataValidation(kind, operator="between", formula1=_plain(low), formula2=_plain(high))


def _is_in_range(field: Field, first: str) -> str:
    parts = [f"ISNUMBER({first})"]
    if field.minimum is not None:
        parts.append(f"{first}>={_plain(field.minimum)}")
    if field.maximum is not None:
        parts.append(f"{first}<={_plain(field.maximum)}")
    if field.is_integer:
        parts.append(f"{first}=INT({first})")
    return f"AND({','.join(parts)})"


def _year_rule(field: Field, _: str) -> DataValidation:
    first, last = _years(field)
    return DataValidation("whole", operator="between", formula1=str(first), formula2=str(last))


def _date_rule(_: Field, __: str) -> DataValidation:
    first, last = (str(_serial(day)) for day in (FIRST_DATE, LAST_DATE))
    return DataValidation("date", operator="between", formula1=first, formula2=last)


def _cvr_rule(_: Field, __: str) -> DataValidation:
    return DataValidation("whole", operator="between", formula1="10000000", formula2="99999999")


def _mail_rule(_: Field, first: str) -> DataValidation:
    return DataValidation("custom", formula1=f'AND(ISNUMBER(FIND("@",{first})),LEN({first})<255)')


RULES: dict[str, Callable[[Field, str], DataValidation]] = {
    "amount": _amount_rule,
    "number": _number_rule,
    "year": _year_rule,
    "date": _date_rule,
    "cvr": _cvr_rule,
    "mail": _mail_rule,
}


def _say(rule: DataValidation, field: Field, guidance: str) -> None:
    """The words of a validation, in Danish, within Excel's limits."""
    wanted = _wanted(field)
    required = "Skal udfyldes." if field.is_required else ""
    # The general help of an amount says what ``wanted`` says better for the row.
    general = "" if field.unit else field.help_da
    limits = "" if field.type in {"text", "link"} else wanted
    rule.prompt = _cut(" ".join(filter(None, (required, guidance, general, limits)))) or None
    rule.promptTitle = _cut(field.header_da, LONGEST_TITLE)
    rule.errorTitle = "Svaret kan ikke bruges"
    rule.error = _cut(wanted)
    rule.allow_blank = rule.showErrorMessage = True
    rule.showInputMessage = rule.prompt is not None


def _wanted(field: Field) -> str:
    first, last = _years(field)
    texts = {
        "amount": f"Skriv {_number_words(field)}, eller en af nøglerne NO, NE, IE og C.",
        "number": f"Skriv {_number_words(field)}.",
        "year": f"Skriv et årstal mellem {first} og {last}.",
        "date": f"Skriv en dato som 24-11-2026, mellem {FIRST_DATE.year} og {LAST_DATE.year}.",
        "choice": "Vælg et svar på listen.",
        "cvr": "Skriv CVR-nummeret med otte cifre uden mellemrum.",
        "mail": "Skriv en mailadresse som navn@kommune.dk.",
    }
    return texts.get(field.type, f"Teksten må højst fylde {danish_number(LONGEST_TEXT)} tegn.")


def _number_words(field: Field) -> str:
    word = "et helt tal" if field.is_integer else "et tal"
    if field.unit:
        word += f" ({field.unit})"
    if field.minimum is not None and field.maximum is not None:
        word += f" mellem {danish_number(field.minimum)} og {danish_number(field.maximum)}"
    return word


def _years(field: Field) -> tuple[int, int]:
    first = FIRST_DATE.year if field.minimum is None else int(field.minimum)
    return first, LAST_DATE.year if field.maximum is None else int(field.maximum)


def _show_fractions(worksheet: Worksheet, block: Block, field: Field) -> None:
    """Decimals are shown where there are any, and a whole number has no trailing comma."""
    if field.is_shown_only or field.is_integer or field.type not in {"amount", "number"}:
        return
    column = block.column(field.id)
    first = cell_name(block.first_row, column)
    look = DifferentialStyle(numFmt=NumberFormat(FRACTION_FORMAT_ID, FRACTION))
    formula = f"IF(ISNUMBER({first}),{first}<>INT({first}),FALSE)"
    rule = Rule("expression", dxf=look, formula=[formula])
    worksheet.conditional_formatting.add(f"{first}:{cell_name(block.last_row, column)}", rule)


def _cut(text: str, longest: int = LONGEST_MESSAGE) -> str:
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,.(") + "…"


def _plain(number: float) -> str:
    """As formulas write numbers: no exponent, a point."""
    return f"{number:.10f}".rstrip("0").rstrip(".")


def _serial(day: date) -> int:
    return (day - date(1899, 12, 30)).days
