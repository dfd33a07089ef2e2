"""What changed between two publications: rows of every table, and each value with its causes.

The states of a value stand in a row: as the earlier publication had it, as each mixture of inputs
gives it, as the later publication has it. Two neighbours that differ are one part; the parts of a
value run from the earlier figure to the later one without a remainder.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.literals import literal

TEXT, NUMBER = pa.string(), pa.float64()
CHANGES = pa.schema(
    [
        ("table_name", TEXT),
        ("row_key", TEXT),
        ("step_number", pa.int32()),
        ("cause_code", TEXT),
        ("causes", TEXT),
        ("municipality_code", TEXT),
        ("panel_id", TEXT),
        ("indicator_id", TEXT),
        ("year", pa.int32()),
        ("origin", TEXT),
        ("unit", TEXT),
        ("change_kind", TEXT),
        ("value_before", NUMBER),
        ("value_after", NUMBER),
        ("state_before", TEXT),
        ("state_after", TEXT),
        ("source_ref_before", TEXT),
        ("source_ref_after", TEXT),
        ("published_before", NUMBER),
        ("published_after", NUMBER),
        ("from_version", TEXT),
        ("reference", TEXT),
    ]
)
# A row as it is published also has its sentence.
TOLD_CHANGES = CHANGES.append(pa.field("text_da", TEXT))
# Columns of the table's own that a change names when it has them.
NAMED = ("municipality_code", "panel_id", "indicator_id", "year", "origin", "unit")
REFERRED = (*NAMED, "source_ref")


@dataclass(frozen=True)
class Compared:
    """A table of values: the columns that name a value, its number, and what else is told of it.

    ``unit`` is that of all its numbers, where the table has no column of that name.
    """

    table: str
    by: tuple[str, ...]
    value: str
    told: tuple[str, ...] = ()
    unit: str | None = None


@dataclass(frozen=True)
class State:
    """The tables after the exchange of some causes; ``cause`` is the one exchanged last.

    ``causes`` names all of them where several could not be told apart; ``reference`` names the
    pieces of the inputs that were exchanged, ``own_references`` for the rows of a municipality
    without the submissions of others.
    """

    file: Path
    cause: str = ""
    causes: tuple[str, ...] = ()
    reference: str = ""
    own_references: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TableChange:
    """How the rows of one table differ, by its key."""

    table: str
    rows_before: int
    rows_after: int
    added: int
    removed: int
    changed: int
    columns: Mapping[str, int] = field(default_factory=dict)


@contextmanager
def _attached(files: Sequence[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The files side by side as s0, s1, …, read-only."""
    with duckdb.connect() as connection:
        for number, file in enumerate(files):
            connection.execute(f"attach {literal(file)} as s{number} (read_only)")
        yield connection


def value_changes(
    states: Sequence[State], compared: Iterable[Compared], from_version: str
) -> pa.Table:
    """One row per value × cause that moved it, as ``CHANGES``.

    Args:
        states: the earlier publication, the mixtures, the later publication.
        compared: the tables of values; one that a state lacks, or whose key or value it lacks,
            counts as empty there.
        from_version: the earlier publication.
    """
    with _attached([state.file for state in states]) as connection:
        parts = [
            _part(connection, table, states, number, from_version)
            for table in compared
            for number in range(1, len(states))
        ]
    return pa.concat_tables([CHANGES.empty_table(), *parts]).sort_by(
        [(name, "ascending") for name in ("table_name", "row_key", "step_number")]
    )


PART = """
select
    $table as table_name, row_key, $step::integer as step_number,
    $cause as cause_code, $causes as causes, {named},
    case when earlier.row_key is null then 'added' when later.row_key is null then 'removed'
        else 'changed' end as change_kind,
    earlier.value as value_before, later.value as value_after,
    earlier.state as state_before, later.state as state_after,
    earlier.source_ref as source_ref_before, later.source_ref as source_ref_after,
    first.value as published_before, final.value as published_after,
    $version as from_version,
    coalesce(
        map($owners::varchar[], $owned::varchar[])[
            coalesce(later.municipality_code, earlier.municipality_code)
        ],
        $reference
    ) as reference
from ({earlier}) as earlier
full join ({later}) as later using (row_key)
left join ({first}) as first using (row_key)
left join ({final}) as final using (row_key)
where (earlier.row_key is null) <> (later.row_key is null)
    or earlier.value is distinct from later.value
    or earlier.state is distinct from later.state
"""


def _part(
    connection: duckdb.DuckDBPyConnection,
    compared: Compared,
    states: Sequence[State],
    number: int,
    from_version: str,
) -> pa.Table:
    """What the exchange before one state did to one table."""
    state = states[number]
    query = PART.format(
        named=", ".join(f"coalesce(later.{name}, earlier.{name}) as {name}" for name in NAMED),
        earlier=_side(connection, compared, number - 1),
        later=_side(connection, compared, number),
        first=_side(connection, compared, 0),
        final=_side(connection, compared, len(states) - 1),
    )
    told = {
        "table": compared.table,
        "step": number,
        "cause": state.cause,
        "causes": ", ".join(state.causes or (state.cause,)),
        "version": from_version,
        "reference": state.reference,
        "owners": list(state.own_references),
        "owned": list(state.own_references.values()),
    }
    return connection.sql(query, params=told).to_arrow_table().cast(CHANGES)


def _side(connection: duckdb.DuckDBPyConnection, compared: Compared, number: int) -> str:
    """SQL of one table in one state; the columns of a value that the table lacks are null."""
    there = dict(_columns(connection, f"s{number}", compared.table))
    if not {*compared.by, compared.value} <= there.keys():
        nothing = "null::varchar as row_key, null::double as value, null::varchar as state"
        names = ", ".join(f"null::{_kind(name)} as {name}" for name in REFERRED)
        return f"select {nothing}, {names} where false"
    by = " || ';' || ".join(f"'{name}=' || {name}" for name in compared.by)
    told = [f"'{name}=' || {name}" for name in compared.told if name in there]
    state = f"nullif(concat_ws(';', {', '.join(told)}), '')" if told else "null::varchar"
    named = {name: name if name in there else f"null::{_kind(name)}" for name in REFERRED}
    if compared.unit:
        named["unit"] = literal(compared.unit)
    names = ", ".join(f"{sql} as {name}" for name, sql in named.items())
    columns = f"{by} as row_key, {compared.value}::double as value, {state} as state, {names}"
    return f'select {columns} from s{number}.main."{compared.table}"'  # noqa: S608


def _kind(name: str) -> str:
    return "integer" if name == "year" else "varchar"


def _columns(
    connection: duckdb.DuckDBPyConnection, database: str, table: str
) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = ? and table_name = ? order by column_index",
        [database, table],
    ).fetchall()
    return found


def table_changes(
    before: Path, after: Path, keys: Mapping[str, Sequence[str]]
) -> list[TableChange]:
    """How the rows of every table differ, by its key; a table that is missing counts as empty.

    Args:
        before: database file of the earlier publication.
        after: that of the later one.
        keys: table → its key columns.
    """
    with _attached([before, after]) as connection:
        return [_table_change(connection, name, keys[name]) for name in sorted(keys)]


def _table_change(
    connection: duckdb.DuckDBPyConnection, table: str, key: Sequence[str]
) -> TableChange:
    sides = [dict(_columns(connection, f"s{number}", table)) for number in (0, 1)]
    if not all(sides):
        counts = [_count(connection, n, table) if side else 0 for n, side in enumerate(sides)]
        return TableChange(table, counts[0], counts[1], counts[1], counts[0], 0)
    shared = [name for name in sides[1] if name in sides[0] and name not in key]
    join = " and ".join(f'a."{name}" = b."{name}"' for name in key)
    both, one = f'a."{key[0]}" is not null and b."{key[0]}" is not null', f'"{key[0]}" is null'
    differs = [f'({both} and a."{name}" is distinct from b."{name}")' for name in shared]
    counted = ", ".join(f"count(*) filter (where {test})" for test in differs)
    found = connection.execute(
        f'select count(a."{key[0]}"), count(b."{key[0]}"), '  # noqa: S608
        f"count(*) filter (where a.{one}), count(*) filter (where b.{one}), "
        f"count(*) filter (where {' or '.join(differs) or 'false'}), [{counted or '0'}] "
        f'from s0.main."{table}" as a full join s1.main."{table}" as b on {join}'
    ).fetchall()[0]
    rows_before, rows_after, added, removed, changed, columns = found
    by_column = {name: n for name, n in zip(shared, columns, strict=False) if n}
    return TableChange(table, rows_before, rows_after, added, removed, changed, by_column)


def _count(connection: duckdb.DuckDBPyConnection, number: int, table: str) -> int:
    found = connection.execute(f'select count(*) from s{number}.main."{table}"')  # noqa: S608
    return int(found.fetchall()[0][0])
