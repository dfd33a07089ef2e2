"""The reporting form: which sheets, blocks and fields a submission has, and what each may hold.

A form is a YAML file in ``forms/`` plus the registers: rows that the catalogue asks for and
choices that a register lists are filled in by ``build_form``. Template, reader, checks and tables
all follow from it, so a new indicator or field is data.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict
from pydantic import Field as Declared

from ingestion.submissions.catalogue import Catalogue, Question

FORMS = Path(__file__).parent / "forms"
TITLE_ROW, INTRO_ROW, FIRST_HEADER_ROW = 1, 2, 4
BLOCK_GAP = 3
IDENTITY_SHEET = "_skabelon"

FieldType = Literal["text", "amount", "number", "year", "date", "choice", "cvr", "mail", "link"]


class FieldEntry(BaseModel):
    """A column of a block. ``amount`` is a number or a notation key.

    ``is_shown_only`` fields stand in the form for the reader's sake and are never taken in;
    ``is_private`` ones never reach a published table.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Declared(pattern=r"^[a-z][a-z0-9_]*$")
    header_da: str
    help_da: str = ""
    type: FieldType = "text"
    unit: str | None = None
    choices: str | None = None
    is_required: bool = False
    is_shown_only: bool = False
    is_private: bool = False
    is_integer: bool = False
    minimum: float | None = None
    maximum: float | None = None
    width: int = 16


class BlockEntry(BaseModel):
    """A table in a sheet: rows that the form gives (``rows_from``), or free rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Declared(pattern=r"^[a-z][a-z0-9_]*$")
    title_da: str
    rows_from: str | None = None
    questions: dict[str, FieldEntry] = {}
    free_rows: int = 0
    key: list[str] = []
    fields: list[FieldEntry]


class SheetEntry(BaseModel):
    """A sheet of the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Declared(max_length=31)
    title_da: str
    intro_da: str
    blocks: list[BlockEntry]


class FormEntry(BaseModel):
    """A form as written in YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    form_id: str
    version: int
    title_da: str
    guidance_da: list[str]
    sheets: list[SheetEntry]


@dataclass(frozen=True)
class Choice:
    """One allowed answer: the code that is stored and the Danish words that are chosen."""

    code: str
    label_da: str


@dataclass(frozen=True)
class Field:
    """A column with its choices filled in; see ``FieldEntry``."""

    id: str
    header_da: str
    help_da: str
    type: FieldType
    unit: str | None
    choices: tuple[Choice, ...]
    is_required: bool
    is_shown_only: bool
    is_private: bool
    is_integer: bool
    minimum: float | None
    maximum: float | None
    width: int


@dataclass(frozen=True)
class FixedRow:
    """A row that the form gives: its key, what its shown-only fields say, its own answer field.

    ``answer`` replaces the block's field of the same id for this row: another unit, type or range.
    """

    key: str
    labels: Mapping[str, str]
    answer: Field


@dataclass(frozen=True)
class Block:
    """A table in a sheet, placed: header row, then its rows. Its columns begin in column A."""

    id: str
    sheet: str
    title_da: str
    header_row: int
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    fixed_rows: tuple[FixedRow, ...]
    free_rows: int

    @property
    def first_row(self) -> int:
        """The first row below the header."""
        return self.header_row + 1

    @property
    def last_row(self) -> int:
        """The last row of the block."""
        return self.header_row + (len(self.fixed_rows) or self.free_rows)

    @property
    def inputs(self) -> tuple[Field, ...]:
        """Fields that are taken in."""
        return tuple(field for field in self.fields if not field.is_shown_only)

    def column(self, field_id: str) -> int:
        """The column of a field, counted from 1."""
        return [field.id for field in self.fields].index(field_id) + 1

    def field_for(self, field: Field, row: FixedRow | None) -> Field:
        """The field as it applies in a row."""
        return row.answer if row and row.answer.id == field.id else field


@dataclass(frozen=True)
class Sheet:
    """A sheet, placed."""

    name: str
    title_da: str
    intro_da: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Form:
    """A whole form, with the registers filled in."""

    form_id: str
    version: int
    title_da: str
    guidance_da: tuple[str, ...]
    sheets: tuple[Sheet, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Every block of every sheet."""
        return tuple(block for sheet in self.sheets for block in sheet.blocks)

    def block(self, block_id: str) -> Block:
        """A block by its id."""
        return next(block for block in self.blocks if block.id == block_id)


@cache
def form_entry(form_id: str) -> FormEntry:
    """A form as declared.

    Raises:
        KeyError: there is no such form.
    """
    path = FORMS / f"{form_id}.yml"
    if path.parent != FORMS or not path.exists():
        raise KeyError(f"there is no form {form_id!r}")
    return FormEntry.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def build_form(form_id: str, catalogue: Catalogue) -> Form:
    """Fill a form with what the registers ask for.

    Raises:
        KeyError: no such form, or it names a register that does not exist.
    """
    entry = form_entry(form_id)
    sheets = tuple(_sheet(sheet, catalogue) for sheet in entry.sheets)
    return Form(entry.form_id, entry.version, entry.title_da, tuple(entry.guidance_da), sheets)


def _sheet(entry: SheetEntry, catalogue: Catalogue) -> Sheet:
    blocks, header_row = [], FIRST_HEADER_ROW
    for block_entry in entry.blocks:
        block = _block(block_entry, entry.name, header_row, catalogue)
        blocks.append(block)
        header_row = block.last_row + BLOCK_GAP
    return Sheet(entry.name, entry.title_da, entry.intro_da, tuple(blocks))


def _block(entry: BlockEntry, sheet: str, header_row: int, catalogue: Catalogue) -> Block:
    fields = tuple(_field(field, catalogue) for field in entry.fields)
    return Block(
        id=entry.id,
        sheet=sheet,
        title_da=entry.title_da,
        header_row=header_row,
        fields=fields,
        key=tuple(entry.key),
        fixed_rows=_fixed_rows(entry, fields, catalogue),
        free_rows=entry.free_rows,
    )


def _field(entry: FieldEntry, catalogue: Catalogue) -> Field:
    choices = catalogue.choices[entry.choices] if entry.choices else {}
    listed = tuple(Choice(code, label) for code, label in choices.items())
    return Field(**{**dict(entry), "choices": listed})


def _fixed_rows(
    entry: BlockEntry, fields: tuple[Field, ...], catalogue: Catalogue
) -> tuple[FixedRow, ...]:
    if entry.questions:
        return tuple(
            FixedRow(
                key,
                {"key": key, "label": asked.header_da, "help": asked.help_da},
                replace(_field(asked, catalogue), id="answer"),
            )
            for key, asked in entry.questions.items()
        )
    if entry.rows_from is None:
        return ()
    questions = ROWS[entry.rows_from](catalogue)
    answer = next(field for field in fields if field.type == "amount")
    return tuple(_question_row(question, answer) for question in questions)


def _question_row(question: Question, answer: Field) -> FixedRow:
    labels = {
        "key": question.id,
        "group": question.group_da,
        "reference": question.reference,
        "label": question.name_da,
        "unit": question.unit,
        "help": question.help_da,
    }
    own = replace(
        answer,
        unit=question.unit,
        minimum=question.minimum,
        maximum=question.maximum,
        is_required=question.is_required,
        is_integer=question.is_integer,
    )
    return FixedRow(question.id, labels, own)


ROWS: dict[str, Callable[[Catalogue], tuple[Question, ...]]] = {
    "emissions": lambda catalogue: catalogue.emissions,
    "key_figures": lambda catalogue: catalogue.key_figures,
}
