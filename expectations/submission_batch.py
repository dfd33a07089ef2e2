"""A batch of submissions as tables in memory, for the checks of ``submissions.yml``.

Base tables come from the readings, the form and what they are held against; each free table of the
form becomes a view with one column per field and its cell as ``<field>_cell``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.submissions.cells import cell_name, column_letters
from ingestion.submissions.facts import Reading
from ingestion.submissions.form import IDENTITY_SHEET, Block, Field, Form
from ingestion.submissions.personal import LIKE_AN_ADDRESS

TEXT, NUMBER, COUNT = pa.string(), pa.float64(), pa.int64()
NUMERIC = frozenset({"amount", "number", "year"})
Row = Mapping[str, Any]


@dataclass(frozen=True)
class References:
    """What submissions are held against.

    Attributes:
        today: the day of judging.
        shares: indicator id → (its numerators, its denominator), by the form's row keys.
        accepted: cells of accepted submissions in force, as ``warehouse.submissions`` keeps them.
        public: rows of municipality_code, indicator_id, year, value, tolerance_rel.
        peers: cells of the batch itself, each with its ``case_number``; a case is held against
            all others, so that neither of two copies is taken for the original.
        gwps: rows of gwp_set, gas and gwp_value.
        method_numbers: parameters of the methods by name.
    """

    today: date
    shares: Mapping[str, tuple[Sequence[str], str]] = field(default_factory=dict)
    accepted: Sequence[Row] = ()
    public: Sequence[Row] = ()
    peers: Sequence[Row] = ()
    gwps: Sequence[Row] = ()
    method_numbers: Mapping[str, float] = field(default_factory=dict)


TABLES: dict[str, pa.Schema] = {
    "submission": pa.schema(
        [("case_number", COUNT), ("form_id", TEXT), ("municipality_code", TEXT), ("year", COUNT)]
    ),
    "fact": pa.schema(
        [
            ("case_number", COUNT),
            ("municipality_code", TEXT),
            ("year", COUNT),
            ("block", TEXT),
            ("row_key", TEXT),
            ("row", COUNT),
            ("field", TEXT),
            ("sheet", TEXT),
            ("cell", TEXT),
            ("text", TEXT),
            ("number", NUMBER),
            ("date", pa.date32()),
            ("notation_key", TEXT),
        ]
    ),
    "faulty_cell": pa.schema([("case_number", COUNT), ("sheet", TEXT), ("cell", TEXT)]),
    "accepted": pa.schema(
        [
            ("case_number", COUNT),
            ("form_id", TEXT),
            ("municipality_code", TEXT),
            ("year", COUNT),
            ("block", TEXT),
            ("row_key", TEXT),
            ("field", TEXT),
            ("value_text", TEXT),
            ("value_number", NUMBER),
            ("value_date", pa.date32()),
        ]
    ),
    "public_value": pa.schema(
        [
            ("municipality_code", TEXT),
            ("indicator_id", TEXT),
            ("year", COUNT),
            ("value", NUMBER),
            ("tolerance_rel", NUMBER),
        ]
    ),
    "gwp": pa.schema([("gwp_set", TEXT), ("gas", TEXT), ("gwp_value", NUMBER)]),
    "method_number": pa.schema([("parameter", TEXT), ("number", NUMBER)]),
    "share_part": pa.schema([("indicator_id", TEXT), ("part_key", TEXT), ("whole_key", TEXT)]),
    "field_limit": pa.schema(
        [
            ("block", TEXT),
            ("row_key", TEXT),
            ("field", TEXT),
            ("is_year", pa.bool_()),
            ("minimum", NUMBER),
            ("maximum", NUMBER),
        ]
    ),
    "field_place": pa.schema(
        [("block", TEXT), ("field", TEXT), ("sheet", TEXT), ("letters", TEXT), ("first_row", COUNT)]
    ),
    "question": pa.schema([("row_key", TEXT), ("label", TEXT), ("cell", TEXT)]),
    "emission_row": pa.schema(
        [
            ("row_key", TEXT),
            ("boundary", TEXT),
            ("reference", TEXT),
            ("is_whole", pa.bool_()),
            ("sectors", COUNT),
        ]
    ),
}

JUDGED_FACT = """
    create view judged_fact as
    select fact.*, faulty.cell is not null as is_faulty
    from fact
    left join (select distinct case_number, sheet, cell from faulty_cell) as faulty
        on fact.case_number = faulty.case_number and fact.sheet = faulty.sheet
            and fact.cell = faulty.cell
"""


def open_batch(
    readings: Sequence[Reading], forms: Sequence[Form], references: References
) -> duckdb.DuckDBPyConnection:
    """Tables of a batch in a database of their own, in memory.

    Args:
        readings: the batch; a case's number is its place in it.
        forms: every form that they may have been read against; block ids are theirs alone.
        references: what they are held against.
    """
    blocks = [block for form in forms for block in form.blocks]
    tables = {**_batch_rows(readings), **_reference_rows(references), **_form_rows(blocks)}
    connection = duckdb.connect()
    for name in TABLES:
        _fill(connection, name, tables[name], 'create table "{name}" as from rows')
    connection.execute(f"create macro today() as date '{references.today.isoformat()}'")
    connection.execute(JUDGED_FACT)
    free = [block for block in blocks if block.free_rows]
    for block in free:
        connection.execute(_free_view(block))
    connection.execute(_free_rows_view(free))
    return connection


def mark_faulty(connection: duckdb.DuckDBPyConnection, faulty: Iterable[Row]) -> None:
    """Say of more cells that an error was found in them.

    Args:
        connection: an open batch.
        faulty: rows of case_number, sheet and cell.
    """
    _fill(connection, "faulty_cell", faulty, 'insert into "{name}" from rows')


def _fill(connection: duckdb.DuckDBPyConnection, name: str, rows: Iterable[Row], sql: str) -> None:
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=TABLES[name])
    connection.register("rows", table)
    connection.execute(sql.format(name=name))
    connection.unregister("rows")


def _batch_rows(readings: Sequence[Reading]) -> dict[str, Iterable[Row]]:
    known = [(n, r, r.identity) for n, r in enumerate(readings) if r.identity and _is_sure(r)]
    about = {
        n: {"case_number": n, "municipality_code": i.municipality_code, "year": i.year}
        for n, _r, i in known
    }
    return {
        "submission": [{**about[n], "form_id": i.form_id} for n, _r, i in known],
        "fact": [{**about[n], **vars(fact)} for n, r, _i in known for fact in r.facts],
        "faulty_cell": [
            {"case_number": n, "sheet": f.sheet, "cell": f.cell}
            for n, r, _i in known
            for f in r.findings
            if f.severity == "error"
        ],
    }


def _is_sure(reading: Reading) -> bool:
    """Whether nothing is wrong with whose report it is, and for which year."""
    return all(f.sheet != IDENTITY_SHEET or f.severity != "error" for f in reading.findings)


def _reference_rows(references: References) -> dict[str, Iterable[Row]]:
    wanted = TABLES["accepted"].names
    return {
        "accepted": [
            {name: row.get(name) for name in wanted}
            for row in (*references.accepted, *references.peers)
        ],
        "public_value": references.public,
        "gwp": [
            {"gwp_set": row["gwp_set"], "gas": row["gas"], "gwp_value": float(row["gwp_value"])}
            for row in references.gwps
        ],
        "method_number": [
            {"parameter": parameter, "number": number}
            for parameter, number in references.method_numbers.items()
        ],
        "share_part": [
            {"indicator_id": indicator, "part_key": part, "whole_key": whole}
            for indicator, (parts, whole) in references.shares.items()
            for part in parts
        ],
    }


def _form_rows(blocks: Sequence[Block]) -> dict[str, Iterable[Row]]:
    return {
        "field_limit": [limit for block in blocks for limit in _limits(block)],
        "field_place": [
            {
                "block": block.id,
                "field": asked.id,
                "sheet": block.sheet,
                "letters": column_letters(block.column(asked.id)),
                "first_row": block.first_row,
            }
            for block in blocks
            for asked in block.inputs
        ],
        "question": [row for block in blocks for row in _questions(block)],
        "emission_row": [row for b in blocks if b.id == "emissions" for row in _wholes(b)],
    }


def _limits(block: Block) -> Iterable[Row]:
    """The range of every number: of a fixed row's own answer, else of the field."""
    answers = [(row.key, row.answer) for row in block.fixed_rows]
    own = {answer.id for _key, answer in answers}
    fields: list[tuple[str | None, Field]] = [
        *answers,
        *((None, f) for f in block.inputs if f.id not in own),
    ]
    for key, asked in fields:
        if asked.type in NUMERIC and (asked.minimum is not None or asked.maximum is not None):
            yield {
                "block": block.id,
                "row_key": key,
                "field": asked.id,
                "is_year": asked.type == "year",
                "minimum": asked.minimum,
                "maximum": asked.maximum,
            }


def _questions(block: Block) -> Iterable[Row]:
    """Fixed rows with the cell of their answer, as the template has it."""
    for number, row in enumerate(block.fixed_rows):
        cell = cell_name(block.first_row + number, block.column(row.answer.id))
        yield {"row_key": row.key, "label": row.labels.get("label", row.key), "cell": cell}


def _wholes(block: Block) -> list[Row]:
    """Emission rows by boundary; the whole of a boundary is the row without a sector."""
    rows = [(row.key, row.labels["group"], row.labels["reference"]) for row in block.fixed_rows]
    wholes = {group: key for key, group, reference in rows if reference == "I alt"}
    return [
        {
            "row_key": key,
            "boundary": wholes[group].removeprefix("ghg_"),
            "reference": reference,
            "is_whole": key == wholes[group],
            "sectors": sum(1 for _k, other, _r in rows if other == group) - 1,
        }
        for key, group, reference in rows
        if group in wholes
    ]


def _free_view(block: Block) -> str:
    """SQL of one free table: a row per row, a column per field and one for its cell.

    ``reporter_code`` and ``reported_year`` are the report's own, as a table may have fields for
    others; ``row_key`` is the row's key as it was read. A faulty cell counts as empty. The cell of
    an empty field stands in the column of the field's other cells.
    """
    columns = []
    for asked in block.inputs:
        kind = "number" if asked.type in NUMERIC else "date" if asked.type == "date" else "text"
        here = f"filter (where field = '{asked.id}')"
        sound = f"filter (where field = '{asked.id}' and not is_faulty)"
        column = f"regexp_extract(max(cell) {here}, '[A-Z]+')"
        others = f"max({column}) over (partition by case_number, sheet)"
        letters = f"coalesce({others}, '{column_letters(block.column(asked.id))}')"
        columns.append(f'max("{kind}") {sound} as "{asked.id}"')
        columns.append(f'coalesce(max(cell) {here}, {letters} || row) as "{asked.id}_cell"')
    wanted = ", ".join(columns)
    return (
        f'create view "{block.id}" as select case_number, sheet, row, '  # noqa: S608
        "any_value(municipality_code) as reporter_code, any_value(year) as reported_year, "
        "any_value(row_key) as row_key, "
        f"{wanted} from judged_fact where block = '{block.id}' group by case_number, sheet, row"
    )


def _free_rows_view(blocks: Sequence[Block]) -> str:
    """SQL of all free rows with their keys, for telling duplicates.

    ``published_key`` is the row's own key without mail addresses: rows that differ in those alone
    would be one row of the published tables.
    """
    parts = []
    for block in blocks:
        whole = " and ".join(f'"{name}" is not null' for name in block.key)
        text = " || ', ' || ".join(_worded(block, name) for name in block.key)
        parts.append(
            f"select case_number, '{block.id}' as block, sheet, row, "  # noqa: S608
            f"regexp_replace(row_key, '{LIKE_AN_ADDRESS}', '…', 'g') as published_key, "
            f"\"{block.key[0]}_cell\" as first_cell, '{block.key[0]}' as key_field, "
            f'{text} as key_text, {whole} as is_key_whole from "{block.id}"'
        )
    return "create view free_row as " + " union all ".join(parts)


def _worded(block: Block, name: str) -> str:
    """SQL of a key field in the words of the form."""
    asked = next(f for f in block.inputs if f.id == name)
    if asked.type == "date":
        return f"strftime(\"{name}\", '%d-%m-%Y')"
    if asked.type in NUMERIC:
        return f'"{name}"::bigint::varchar'
    labels = [(choice.code, choice.label_da.replace("'", "''")) for choice in asked.choices]
    cases = " ".join(f"when '{code}' then '{label}'" for code, label in labels)
    return f'case "{name}" {cases} else "{name}" end' if cases else f'"{name}"'
