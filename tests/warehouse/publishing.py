"""Small drafts and publications, made with the warehouse's own functions."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.draft import Draft, prepare, seal
from warehouse.durable import sha256_of_file
from warehouse.inputs import Inputs, RawTable, control_of
from warehouse.layout import Layout
from warehouse.promotion import REQUIRED_CHECKS, promote
from warehouse.publications import Facts, TableAudit

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
TABLES = {"dim_year": ["year"], "fct_value": ["municipality_code", "year"]}
PAGES = {"index.html": "<!doctype html><title>Audit</title>"}


def laid_out(home: Path) -> Layout:
    layout = Layout(home)
    layout.prepare()
    return layout


def version(number: int) -> str:
    return f"20261124T0230{number:02}Z-0123abcd"


def inputs(*raw: RawTable, **control: list[dict[str, object]]) -> Inputs:
    """Accepted tables, rows of control tables, and a project that nobody keeps."""
    return Inputs({table.name: table for table in raw}, control_of(control), {}, [], "0123abcd")


def make_draft(layout: Layout, number: int = 1, raw: tuple[RawTable, ...] = ()) -> Draft:
    """A draft with two published tables; the number is found in their rows."""
    draft = prepare(layout, Draft.of_run(layout, f"run-{number}"), inputs(*raw))
    with duckdb.connect(str(draft.file)) as connection:
        connection.execute("create table dim_year as select 2026 as year")
        connection.execute(
            f"create table fct_value as select '0101' as municipality_code, 2026 as year, "
            f"{number}::double as value union all select '0860', 2026, null"
        )
    seal(draft)
    return draft


def audited(draft: Draft) -> dict[str, TableAudit]:
    digest = sha256_of_file(draft.file)
    return {name: TableAudit(name, digest, REQUIRED_CHECKS, 3) for name in TABLES}


def facts(number: int) -> Facts:
    return Facts(
        version=version(number),
        published_at=AT.replace(second=number).isoformat(),
        run_id=f"run-{number}",
        transport="snapshot",
        input_fingerprint="0123abcd",
        code_version="1",
        code_fingerprint="1",
        releases={},
        source_states={},
    )


def publish(layout: Layout, number: int = 1) -> Path:
    draft = make_draft(layout, number)
    return promote(layout, draft, audited(draft), TABLES, facts(number), PAGES)


def value_in(file: Path) -> object:
    """The number of the draft that a publication was made of."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute("select max(value) from fct_value").fetchall()[0][0]


def asked(sql: str) -> list[tuple[object, ...]]:
    """Rows of a query over files."""
    with duckdb.connect() as connection:
        rows: list[tuple[object, ...]] = connection.execute(sql).fetchall()
    return rows
