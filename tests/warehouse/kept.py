"""Small publications with values, made once by promoting and then laid down as often as wanted."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from tests.warehouse.publishing import PAGES, facts, inputs, laid_out
from warehouse.damage import FILES, OWN_DIGEST, sealed
from warehouse.draft import Draft, prepare, seal
from warehouse.durable import sha256_of_file, write_json
from warehouse.history import KEYS
from warehouse.layout import Layout
from warehouse.outcomes import Outcome, RunRecord, record, record_run
from warehouse.promotion import REQUIRED_CHECKS, promote
from warehouse.publications import DATABASE, MANIFEST, TableAudit, read_manifest

Cell = tuple[str, str, int]
Content = Mapping[Cell, float | None]
TABLES = {name: list(key) for name, key in KEYS.items()}
INDICATOR = "ghg_danish_account"
COLUMNS = (
    "municipality_code varchar, indicator_id varchar, year integer, value double, unit varchar, "
    "status varchar, reason_da varchar, origin varchar, source_id varchar, source_ref varchar, "
    "definition_version integer, boundary varchar, is_example boolean"
)


def cell(municipality: str, year: int) -> Cell:
    return municipality, INDICATOR, year


def row_of(key: Cell, value: float | None) -> tuple[Any, ...]:
    """A row of both tables; a missing value has its reason, one of them a text like a formula."""
    told = ("reported", None) if value is not None else ("missing", "=ikke indberettet; æøå")
    ref = f"klimaregnskabet_key_figures@{'0' * 64}#{key[0]}"
    source = ("public", "klimaregnskabet_key_figures", ref, 1, "danish_account", False)
    return (*key, value, "tCO2e", *told, *source)


def fill(file: Path, content: Content, more: str = "") -> None:
    """Both tables of a content; ``more`` is a further column with its default."""
    with duckdb.connect(str(file)) as connection:
        for name in TABLES:
            connection.execute(f"create table {name} ({COLUMNS}{more})")
            for key, value in content.items():
                cells = row_of(key, value)
                marks = ", ".join("?" for _ in cells)
                width = ", ".join(part.split()[0] for part in COLUMNS.split(", "))
                connection.execute(f"insert into {name} ({width}) values ({marks})", list(cells))


def made(root: Path, contents: Sequence[tuple[Content, str]]) -> list[Path]:
    """One real publication per content, in state roots of their own."""
    folders = []
    for number, (content, more) in enumerate(contents):
        layout = laid_out(root / f"template-{number}")
        draft = prepare(layout, Draft.of_run(layout, "run"), inputs())
        fill(draft.file, content, more)
        seal(draft)
        digest = sha256_of_file(draft.file)
        audits = {name: TableAudit(name, digest, REQUIRED_CHECKS, 3) for name in TABLES}
        folders.append(promote(layout, draft, audits, TABLES, facts(1), PAGES))
    return folders


@dataclass(frozen=True)
class Made:
    """A publication laid down in a state root."""

    version: str
    run_id: str
    at: datetime


def lay_down(layout: Layout, template: Path, at: datetime) -> Made:
    """A publication as promoting leaves it just before the pointer moves."""
    version, run_id = f"{at.strftime('%Y%m%dT%H%M%SZ')}-0123abcd", f"run-{at.isoformat()}"
    folder = layout.publications / version
    shutil.copytree(template, folder, copy_function=os.link)
    manifest = read_manifest(template) or {}
    (folder / MANIFEST).unlink()
    told = {name: value for name, value in manifest.items() if name not in (FILES, OWN_DIGEST)}
    told |= {"version": version, "run_id": run_id, "published_at": at.isoformat()}
    write_json(folder / MANIFEST, sealed(folder, told))
    record(layout, Outcome(run_id, "klimaregnskabet_key_figures", at.isoformat(), "unchanged"))
    return Made(version, run_id, at)


def spoil(layout: Layout, version: str) -> None:
    """Put something that is no database in the place of a publication's."""
    file = layout.publications / version / DATABASE
    file.unlink()
    file.write_bytes(b"no database" * 1000)


def write_row(layout: Layout, made: Made) -> None:
    """The row of the run that published."""
    at = made.at.isoformat()
    record_run(
        layout,
        RunRecord(made.run_id, at, at, "published", made.version, "", "snapshot", "0123abcd"),
    )


@cache
def _reader() -> duckdb.DuckDBPyConnection:
    """Opening one costs ten times what a query does."""
    return duckdb.connect()


def values_in(sql: str) -> dict[Cell, float | None]:
    """What a table of a day holds, by cell."""
    columns = "municipality_code, indicator_id, year, value"
    with _reader().cursor() as connection:
        rows = connection.execute(f"select {columns} from ({sql})").fetchall()
    return {(municipality, indicator, year): value for municipality, indicator, year, value in rows}
