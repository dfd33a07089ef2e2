"""What readers saw when a day ended: a number, or a whole table, as it was published then.

Read from the history, so that it also holds for publications that retention has deleted; from the
publication itself where the history could not record it.
"""

from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import history, publications
from warehouse.durable import put_in_place, temporary_beside
from warehouse.layout import Layout
from warehouse.literals import literal
from warehouse.pointer_log import current_on, moves

if TYPE_CHECKING:
    import duckdb

CELL = "municipality_code = ? and indicator_id = ? and year = ?"
FORMATS = {".csv": "(format csv, header)", ".parquet": "(format parquet, compression zstd)"}
# What a spreadsheet would run as a formula.
RUNS_IN_A_SPREADSHEET = r"^[=+\-@\t\r]"


class NotKnownError(LookupError):
    """Nothing can be told of that day; the message says why."""


@dataclass(frozen=True)
class Seen:
    """The publication that readers saw when a day ended; ``since`` is when it became current."""

    day: date
    version: str
    since: str
    how: str
    published_at: str | None
    deleted_on: str | None
    sql: dict[str, str]

    @property
    def facts(self) -> dict[str, Any]:
        """What is told of it, as plain data."""
        names = ("version", "since", "how", "published_at", "deleted_on")
        return {"as_of": self.day, **{name: getattr(self, name) for name in names}}


def seen_on(layout: Layout, day: date, today: date) -> Seen:
    """The publication that was current when a day in Denmark ended; so far, if it is today.

    Raises:
        NotKnownError: a day to come, one before the first publication, or one whose publication
            can be read neither from the history nor from its folder.
    """
    if day > today:
        raise NotKnownError(f"{day} is yet to come; today is {today}.")
    move = current_on(layout, day)
    if move is None:
        first = moves(layout)
        told = f"the first was on {first[0]['at'][:10]}" if first else "there is none yet"
        raise NotKnownError(f"Readers saw no publication on {day}; {told}.")
    version = move["version"]
    row = next((r for r in history.recorded(layout) if r["version"] == version), None)
    gone = publications.deletions(layout).get(version)
    is_gone = gone is not None and not (layout.publications / version).exists()
    return Seen(
        day,
        version,
        since=move["at"],
        how=move["how"],
        published_at=row.get("published_at") if row else None,
        deleted_on=gone["deleted_on"] if gone and is_gone else None,
        sql={table: _table_sql(layout, table, version, row) for table in history.KEYS},
    )


def _table_sql(layout: Layout, table: str, version: str, row: dict[str, Any] | None) -> str:
    if row and row["outcome"] == history.RECORDED:
        changes = history.files(layout, table, row["number"])
        lost = next((change.path for change in changes if not change.path.exists()), None)
        if lost:
            raise NotKnownError(f"{lost} is missing; take it back from a copy of the state root.")
        own = ", ".join(history.OWN_COLUMNS)
        return f"select * exclude ({own}) from ({history.state_sql(table, changes)})"  # noqa: S608
    file = layout.publications / version / "parquet" / f"{table}.parquet"
    if not file.exists():
        why = row["reason"] if row else publications.absence(layout, version)
        raise NotKnownError(f"The history does not hold publication {version}. {why}")
    return f"select * from read_parquet({literal(file)})"  # noqa: S608


def number_on(
    layout: Layout, day: date, today: date, municipality: str, indicator: str, year: int
) -> dict[str, Any]:
    """One number as readers saw it when a day ended.

    Returns:
        The facts of the publication, ``number`` (the row of ``fct_indicator`` then) and ``values``
        (the rows of ``fct_indicator_value`` then).

    Raises:
        NotKnownError: see ``seen_on``; or the publication had no such row.
    """
    seen = seen_on(layout, day, today)
    cell = [municipality, indicator, year]
    with closing(_connection()) as connection:
        number, values = (
            publications.rows(connection, f"select * from ({seen.sql[name]}) where {CELL}", cell)  # noqa: S608
            for name in ("fct_indicator", "fct_indicator_value")
        )
    if not number:
        raise NotKnownError(
            f"Publication {seen.version} had no row for municipality {municipality}, year {year}, "
            f"indicator {indicator}."
        )
    return {**seen.facts, "number": number[0], "values": values}


def write_table(layout: Layout, day: date, today: date, table: str, out: Path) -> dict[str, Any]:
    """A whole table as readers saw it when a day ended, as CSV or Parquet, in the order of its key.

    In CSV, text that a spreadsheet would run is neutralised by an apostrophe.

    Raises:
        NotKnownError: see ``seen_on``; or the file name ends otherwise.
    """
    form = FORMATS.get(out.suffix)
    if form is None:
        raise NotKnownError(f"{out.name}: the name must end in {' or '.join(FORMATS)}.")
    seen = seen_on(layout, day, today)
    temporary = temporary_beside(out)
    with closing(_connection()) as connection:
        connection.execute(f"create table seen as {seen.sql[table]}")
        cells = _neutral_cells(connection) if out.suffix == ".csv" else "*"
        order = ", ".join(history.KEYS[table])
        target = literal(temporary)
        connection.execute(f"copy (select {cells} from seen order by {order}) to {target} {form}")  # noqa: S608
        rows = connection.execute("select count(*) from seen").fetchall()[0][0]
    put_in_place(temporary, out)
    return {**seen.facts, "table": table, "rows": rows, "file": str(out)}


def _neutral_cells(connection: "duckdb.DuckDBPyConnection") -> str:
    columns = connection.execute("describe seen").fetchall()
    return ", ".join(
        f"case when regexp_matches(\"{name}\", '{RUNS_IN_A_SPREADSHEET}') "
        f'then \'\'\'\' || "{name}" else "{name}" end as "{name}"'
        if kind == "VARCHAR"
        else f'"{name}"'
        for name, kind, *_ in columns
    )


def _connection() -> "duckdb.DuckDBPyConnection":
    import duckdb

    return duckdb.connect()
