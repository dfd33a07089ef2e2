"""The difference between any two publications, as plain data, with the cause of each change."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from expectations.contract import published_tables
from orchestration.change_texts import Names, described, names_in, piece_told, with_texts
from orchestration.publication_changes import Changes, Made, changes_since
from orchestration.rebuilding import Workshop
from orchestration.transform import ensure_parsed
from warehouse.causes import Exchange
from warehouse.changes import table_changes
from warehouse.damage import damage_of
from warehouse.inputs import InputsError
from warehouse.layout import Layout
from warehouse.publications import DATABASE, absence, chosen

Row = dict[str, Any]


class NoDifferenceError(LookupError):
    """One of the two publications is not there, damaged, or cannot be made again."""


def difference(layout: Layout, earlier: str, later: str) -> Row:
    """What changed from one publication to another, and why.

    Args:
        layout: the state root.
        earlier: a version; the difference is told from here.
        later: a version.

    Returns:
        ``from`` and ``to`` (version, published_at), ``inputs`` (every piece that differs, with its
        cause), ``causes`` (number of values each moved), ``values`` (rows of
        ``fct_publication_change``), ``remainder`` (values whose parts do not sum to their change)
        and ``tables`` (rows added, removed and changed).

    Raises:
        NoDifferenceError: saying which publication cannot be compared, and why.
    """
    (before, from_manifest), (after, to_manifest) = _opened(layout, earlier), _opened(layout, later)
    names = names_in(after / DATABASE)
    with tempfile.TemporaryDirectory() as folder:
        found = _compared(Workshop(layout, Path(folder)), before, after)
        inputs = _inputs(found.exchange, names) if found.exchange else []
    values = [described(row, names) for row in with_texts(found.rows, names).to_pylist()]
    keys = {table.name: table.key for table in published_tables(ensure_parsed())}
    return {
        "from": _short(from_manifest),
        "to": _short(to_manifest),
        "inputs": inputs,
        "causes": _causes(values, names),
        "values": values,
        "remainder": remainder(found.rows),
        "tables": [
            vars(table) for table in table_changes(before / DATABASE, after / DATABASE, keys)
        ],
    }


def _opened(layout: Layout, version: str) -> tuple[Path, Row]:
    found = chosen(layout, None if version == "current" else version)
    if found is None:
        raise NoDifferenceError(absence(layout, version))
    folder, manifest = layout.publications / found[1]["version"], found[1]
    damage = damage_of(folder)
    if damage:
        raise NoDifferenceError(f"{version} is not what was published: {'; '.join(damage)}.")
    return folder, manifest


def _compared(workshop: Workshop, before: Path, after: Path) -> Changes:
    try:
        side = workshop.side(after.name)
        project = workshop.project(side.inputs.project)
    except InputsError as error:
        raise NoDifferenceError(f"{after.name} cannot be compared: {error}") from error
    later = Made(side, after / DATABASE)
    return changes_since(workshop, before.name, before / DATABASE, later, project)


def _short(manifest: Row) -> Row:
    kept = ("version", "published_at", "transport", "code_version", "schema_version")
    return {name: manifest[name] for name in kept}


def _inputs(exchange: Exchange, names: Names) -> list[Row]:
    """Every piece of the inputs that differs; of a register also the rows."""
    return [
        {
            "cause_code": cause,
            "cause_da": names.causes[cause],
            "piece": piece,
            "told_da": piece_told(piece, exchange),
            "rows": exchange.register_rows(cause, piece),
        }
        for cause, piece in sorted(exchange.pieces, key=lambda p: exchange.order.index(p[0]))
    ]


def _causes(values: Sequence[Row], names: Names) -> list[Row]:
    """How many values each cause moved, in the order of the causes."""
    moved: dict[str, list[Row]] = {}
    for row in sorted(values, key=lambda row: row["step_number"]):
        moved.setdefault(row["cause_code"], []).append(row)
    return [
        {
            "cause_code": cause,
            "cause_da": names.causes[cause],
            "values": len(rows),
            "municipalities": len({r["municipality_code"] for r in rows} - {None}),
            "indicators": len({r["indicator_id"] for r in rows} - {None}),
        }
        for cause, rows in moved.items()
    ]


def remainder(changes: pa.Table) -> Row:
    """The values whose parts do not run from the earlier figure to the later one.

    Parts follow one another, so each must begin where the one before it ended, the first at the
    figure that was published and the last at the one that is: then nothing is left over.
    """
    at: dict[tuple[str, str], float | None] = {}
    broken: set[tuple[str, str]] = set()
    for row in changes.to_pylist():
        key = row["table_name"], row["row_key"]
        if at.get(key, row["published_before"]) != row["value_before"]:
            broken.add(key)
        at[key] = row["value_after"]
    ends = {(r["table_name"], r["row_key"]): r["published_after"] for r in changes.to_pylist()}
    broken |= {key for key, value in ends.items() if at[key] != value}
    return {"values": len(ends), "unexplained": len(broken)}
