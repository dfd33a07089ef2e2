"""Published values by vintage: what each publication changed against the one recorded before it.

``history/<table>/<number>-<version>.parquet`` holds the rows that were added, changed or removed;
``history/recorded.jsonl`` has one row per publication, written when its files are whole, so that
a file without a row is no part of the history. A row stays after its publication is deleted.

A file is *whole*, with every row of the publication, when the table's columns changed and after
every ``WHOLE_EVERY`` publications: a state is read from the last whole file on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import outcomes
from warehouse.days import day_of, moment_of
from warehouse.durable import append_json_line, put_in_place, read_json_lines, temporary_beside
from warehouse.layout import Layout
from warehouse.literals import literal
from warehouse.publications import DATABASE, VERSION, read_manifest

if TYPE_CHECKING:
    import duckdb

KEYS: Mapping[str, tuple[str, ...]] = {
    "fct_indicator": ("municipality_code", "indicator_id", "year"),
    "fct_indicator_value": (
        "municipality_code",
        "indicator_id",
        "definition_version",
        "boundary",
        "year",
        "origin",
    ),
}
OWN_COLUMNS = (
    "history_number",
    "history_version",
    "history_published_at",
    "history_published_date",
    "history_change",
)
WHOLE_EVERY = 100
RECORDED, UNREADABLE = "recorded", "unreadable"
FACTS = ("run_id", "published_at", "schema_version", "transport", "input_fingerprint")


class UnreadablePublicationError(RuntimeError):
    """A publication's folder that cannot be opened; the message says why."""


@dataclass(frozen=True)
class Change:
    """One file of the history: where it lies, and whether it holds every row."""

    path: Path
    is_whole: bool


def recorded(layout: Layout) -> list[dict[str, Any]]:
    """One row per publication the history knows, in the order they were recorded.

    ``outcome`` is ``recorded``, or ``unreadable`` with the reason; ``tables`` counts rows added,
    changed and removed.
    """
    return list(read_json_lines(_log(layout)))


def unrecorded(layout: Layout) -> list[str]:
    """Versions whose folders the history has not seen, in the order they were published."""
    if not layout.publications.exists():
        return []
    known = {row["version"] for row in recorded(layout)}
    missing = [
        path.name
        for path in layout.publications.iterdir()
        if VERSION.fullmatch(path.name) and path.name not in known
    ]
    if not missing:
        return []
    order = {run["version"]: number for number, run in enumerate(outcomes.runs(layout))}
    return sorted(missing, key=lambda version: (order.get(version, len(order)), version))


def catch_up(layout: Layout, now: datetime) -> list[str]:
    """Record every publication that is not recorded yet; return their versions.

    A folder that cannot be opened gets a row that says so, and stays where it is.
    """
    missing = unrecorded(layout)
    for version in missing:
        append_json_line(_log(layout), _recorded_row(layout, version, now))
    return missing


def files(layout: Layout, table: str, number: int | None = None) -> list[Change]:
    """The files of a table up to a number, all of them when None, oldest first."""
    return [
        Change(_file(layout, table, row), row["tables"][table]["is_whole"])
        for row in recorded(layout)
        if row["outcome"] == RECORDED and (number is None or row["number"] <= number)
    ]


def state_sql(table: str, changes: Sequence[Change]) -> str:
    """SQL of a table as it stood after its last change; its own columns and ``history_…``."""
    begin = max(i for i, change in enumerate(changes) if change.is_whole)
    paths = ", ".join(literal(change.path) for change in changes[begin:])
    return (
        f"select * from read_parquet([{paths}], union_by_name = true) "  # noqa: S608
        f"qualify row_number() over (partition by {', '.join(KEYS[table])} "
        "order by history_number desc) = 1 and history_change <> 'removed'"
    )


def _log(layout: Layout) -> Path:
    return layout.history / "recorded.jsonl"


def _file(layout: Layout, table: str, row: Mapping[str, Any]) -> Path:
    return layout.history / table / f"{row['number']:06}-{row['version']}.parquet"


def _recorded_row(layout: Layout, version: str, now: datetime) -> dict[str, Any]:
    folder = layout.publications / version
    row: dict[str, Any] = {
        "number": len(recorded(layout)) + 1,
        "version": version,
        "recorded_at": now.astimezone(UTC).isoformat(),
    }
    try:
        manifest = read_manifest(folder)
        if manifest is None:
            raise UnreadablePublicationError(f"{folder.name}: its manifest cannot be read")
        row.update({name: manifest[name] for name in FACTS})
        row["release"] = manifest.get("release")
        tables = dict(_record(layout, folder, row))
    except UnreadablePublicationError as error:
        return {**row, "outcome": UNREADABLE, "reason": str(error), "tables": {}}
    return {**row, "outcome": RECORDED, "reason": "", "tables": tables}


def _record(
    layout: Layout, folder: Path, row: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    import duckdb

    with duckdb.connect() as connection:
        for table in KEYS:
            _read_published(connection, folder, table)
            yield table, _write_changes(connection, layout, table, row)


def _read_published(connection: "duckdb.DuckDBPyConnection", folder: Path, table: str) -> None:
    """The publication's rows as the table ``published``.

    Raises:
        UnreadablePublicationError: the file or the table cannot be read.
    """
    import duckdb

    try:
        file = literal(folder / DATABASE)
        connection.execute(f"attach if not exists {file} as publication (read_only)")
        rows = f"select * from publication.main.{table}"  # noqa: S608
        connection.execute(f"create or replace table published as {rows}")
    except duckdb.Error as error:
        told = " ".join(str(error).split())[:300]
        raise UnreadablePublicationError(
            f"{folder.name}: {table} cannot be read: {told}"
        ) from error


def _write_changes(
    connection: "duckdb.DuckDBPyConnection", layout: Layout, table: str, row: Mapping[str, Any]
) -> dict[str, Any]:
    """Write one file; what it holds, counted."""
    is_whole = _prepare_state(connection, table, files(layout, table), int(row["number"]))
    stamp = moment_of(row["published_at"]).replace(tzinfo=None).isoformat()
    history = (
        f"{int(row['number'])}::bigint as history_number, "
        f"{literal(row['version'])} as history_version, "
        f"{literal(stamp)}::timestamp as history_published_at, "
        f"date {literal(day_of(row['published_at']))} as history_published_date"
    )
    changed = _changes_sql(table, is_whole=is_whole)
    connection.execute(
        f"create or replace table written as select *, {history} from ({changed}) "  # noqa: S608
        f"order by {', '.join(KEYS[table])}"
    )
    path = _file(layout, table, row)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(path)
    target = literal(temporary)
    connection.execute(f"copy written to {target} (format parquet, compression zstd)")
    put_in_place(temporary, path)
    counts = connection.execute(
        "select history_change, count(*) from written group by all order by all"
    ).fetchall()
    return {"is_whole": is_whole, **dict(counts)}


def _prepare_state(
    connection: "duckdb.DuckDBPyConnection", table: str, changes: Sequence[Change], number: int
) -> bool:
    """The table ``state``: the last recorded rows; whether the next file must be whole."""
    if not changes:
        connection.execute("create or replace table state as select * from published where false")
        return True
    connection.execute(
        f"create or replace table state as select * exclude ({', '.join(OWN_COLUMNS)}) "  # noqa: S608
        f"from ({state_sql(table, changes)})"
    )
    before, now = (
        connection.execute(f"describe {name}").fetchall() for name in ("state", "published")
    )
    same_columns = [column[:2] for column in before] == [column[:2] for column in now]
    return not same_columns or number % WHOLE_EVERY == 0


def _changes_sql(table: str, *, is_whole: bool) -> str:
    """Rows that are new or other than before, or every row; then the keys or rows that are gone."""
    key = ", ".join(KEYS[table])
    rows = "published" if is_whole else "(select * from published except select * from state)"
    gone = key if is_whole else "*"
    return (
        f"select fresh.*, case when known.is_known then 'changed' else 'added' end "  # noqa: S608
        f"as history_change from {rows} as fresh "
        f"left join (select {key}, true as is_known from state) as known using ({key}) "
        f"union all by name select {gone}, 'removed' as history_change "
        f"from state anti join published using ({key})"
    )
