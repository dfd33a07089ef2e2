"""A small draft with its contract, sound until a test spoils it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from expectations.contract import PublishedTable
from expectations.publication_audit import Audit, audit_draft
from expectations.rules import PublicationRules
from expectations.verdict import Judgement

DIM = PublishedTable(
    name="dim_indicator",
    columns={"indicator_id": "varchar", "unit": "varchar"},
    key=["indicator_id"],
    not_null=["indicator_id", "unit"],
    min_rows=1,
    depends_on_clock=False,
    sources=frozenset(),
)
FCT = PublishedTable(
    name="fct_value",
    columns={"municipality_code": "varchar", "year": "integer", "value": "double"},
    key=["municipality_code", "year"],
    not_null=["municipality_code", "year"],
    min_rows=1,
    depends_on_clock=False,
    sources=frozenset({"statbank_are207"}),
)
SOUND = """
create table dim_indicator as select 'area' as indicator_id, 'km2' as unit;
create table fct_value as
    select lpad(n::varchar, 4, '0') as municipality_code, 2026 as year, n::double as value
    from range(1, 21) as t(n);
"""
RULES = PublicationRules.model_validate(
    {
        "most_quarantined_share": 0.5,
        "tables": {
            "fct_value": [
                {
                    "id": "small",
                    "expect": "expect_column_values_to_be_between",
                    "kwargs": {"column": "value", "min_value": 0, "max_value": 20},
                    "why": "Nothing here is larger.",
                },
                {
                    "id": "known_years",
                    "expect": "expect_column_values_to_be_in_set",
                    "kwargs": {"column": "year", "value_set": [2025, 2026]},
                    "why": "Two years.",
                },
            ]
        },
        "queries": [
            {
                "id": "not_the_year",
                "table": "fct_value",
                "sql": "select count(*) as checked, count(*) filter (where value = year) "
                "as violations from fct_value",
                "why": "A shifted column.",
            },
            {
                "id": "does_not_vanish",
                "table": "fct_value",
                "needs_last_publication": True,
                "sql": "select (select count(*) from last_publication.main.fct_value) as checked, "
                "greatest(0, (select count(*) from last_publication.main.fct_value) "
                "- (select count(*) from fct_value)) as violations",
                "why": "Continuity.",
            },
        ],
    }
)


def draft(folder: Path, spoil: str = "", name: str = "monitoring.duckdb") -> Path:
    """The file, with one more statement run on it."""
    file = folder / name
    with duckdb.connect(str(file)) as connection:
        connection.execute(SOUND)
        if spoil:
            connection.execute(spoil)
    return file


def audit(
    file: Path,
    rules: PublicationRules = RULES,
    available: Sequence[str] = ("statbank_are207",),
    last: Path | None = None,
) -> dict[str, Audit]:
    return {found.table: found for found in audit_draft(file, [DIM, FCT], rules, available, last)}


def failed(audits: dict[str, Audit]) -> list[str]:
    """``table.rule`` of everything that did not pass."""
    judged = [(a.table, j) for a in audits.values() for j in a.judgements]
    return [f"{table}.{judgement.rule.id}" for table, judgement in judged if not judgement.passed]


def judgement(audits: dict[str, Audit], rule_id: str) -> Judgement:
    return next(j for a in audits.values() for j in a.judgements if j.rule.id == rule_id)


def with_query(sql: str, **changes: object) -> PublicationRules:
    """The rules with the first query asking something else."""
    first, *others = RULES.queries
    query = first.model_copy(update={"sql": sql, **changes})
    return RULES.model_copy(update={"queries": [query, *others]})


def with_rows(table: PublishedTable, min_rows: int) -> PublishedTable:
    return replace(table, min_rows=min_rows)
