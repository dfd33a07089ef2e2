"""Gate 3: Great Expectations audits the draft file itself, table by table.

Rules come from the contract (columns, rows, key, complete), from ``publication.yml`` (the domain's
own), and from the last publication (nothing may shrink or jump unseen; what moves far is held for a
person). The file is opened read-only and named by its digest, so that an audit cannot be used for
another file.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import pandas as pd

from expectations.contract import PublishedTable, Reference
from expectations.judge import judge
from expectations.movements import holds_of, judge_movement, movement_rule
from expectations.profile import LARGEST_FRAME, judge_profile
from expectations.rules import PublicationRules, QueryEntry, Rule, at_most
from expectations.verdict import GateBrokenError, Judgement
from warehouse.failpoints import step
from warehouse.literals import literal
from warehouse.publications import TableAudit

REFERENCES = at_most(
    "references",
    "reference",
    "violations",
    0,
    why="A row whose key leads nowhere drops out of every join.",
)


@dataclass(frozen=True)
class Audit:
    """All judgements on one table of the draft."""

    table: str
    judgements: tuple[Judgement, ...]

    def record(self, draft_sha256: str) -> TableAudit:
        """What promoting needs to know."""
        failed = [j for j in self.judgements if not j.passed]
        holds = {id(j): holds_of(self.table, j) for j in failed}
        return TableAudit(
            table=self.table,
            draft_sha256=draft_sha256,
            kinds=frozenset(j.rule.kind for j in self.judgements),
            checks=len(self.judgements),
            failures=tuple(
                j.text for j in failed if j.rule.severity != "warn" and not holds[id(j)]
            ),
            warnings=tuple(j.text for j in failed if j.rule.severity == "warn"),
            holds=tuple(hold for found in holds.values() for hold in found),
        )


def audit_draft(
    file: Path,
    tables: Sequence[PublishedTable],
    rules: PublicationRules,
    available: Collection[str],
    last: Path | None,
) -> list[Audit]:
    """Audit every published table of a sealed draft.

    Args:
        file: the draft.
        tables: the contract.
        rules: the domain's rules and queries.
        available: sources of which a release is in force; a table that only others feed may be
            empty, every other table may not.
        last: the file of the last publication, to compare with; None before the first.

    Returns:
        One audit per table of the contract; a rule that raises is a failed judgement.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        if last is not None:
            _attach_last(connection, last)
        return [
            _audited(connection, table, rules, available, has_last=last is not None)
            for table in tables
        ]


def _attach_last(connection: duckdb.DuckDBPyConnection, last: Path) -> None:
    """Put the last publication beside the draft; one that cannot be opened lets nothing pass."""
    connection.execute(f"attach {literal(last.resolve())} as last_publication (read_only)")


def _audited(
    connection: duckdb.DuckDBPyConnection,
    table: PublishedTable,
    rules: PublicationRules,
    available: Collection[str],
    *,
    has_last: bool,
) -> Audit:
    with step("audit"):
        if table.may_be_empty(available) and not _count(connection, table.name):
            return _audit_empty(connection, table, rules)
        return _audit_table(connection, table, rules, has_last=has_last)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Rows of a table; a missing one counts as empty and is refused by promoting."""
    try:
        row = connection.execute(f'select count(*) from "{table}"').fetchall()[0]  # noqa: S608
    except duckdb.CatalogException:
        return 0
    return int(row[0])


def _audit_empty(
    connection: duckdb.DuckDBPyConnection, table: PublishedTable, rules: PublicationRules
) -> Audit:
    own = [*contract_rules(table), _complete_rule(table)]
    own += [entry.rule() for entry in rules.tables.get(table.name, [])]
    return Audit(table.name, tuple(_guarded(own, partial(_judge_empty, connection, table, own))))


def _judge_empty(
    connection: duckdb.DuckDBPyConnection, table: PublishedTable, rules: Sequence[Rule]
) -> list[Judgement]:
    """Columns are judged; of the rest it is said that there is nothing to judge yet."""
    fed_by = ", ".join(sorted(table.sources)) or "what is handed in"
    waits = f"no rows yet; fed by {fed_by}"
    found = set(connection.execute(f'select * from "{table.name}" limit 0').df().columns)  # noqa: S608
    return [
        Judgement(rule, rule.kind != "columns" or found == set(table.columns), waits)
        for rule in rules
    ]


def _audit_table(
    connection: duckdb.DuckDBPyConnection,
    table: PublishedTable,
    rules: PublicationRules,
    *,
    has_last: bool,
) -> Audit:
    own = [*contract_rules(table), *(entry.rule() for entry in rules.tables.get(table.name, []))]
    queries = [
        query
        for query in rules.queries
        if query.table == table.name and (has_last or not query.needs_last_publication)
    ]
    judgements = _guarded(own, partial(_judge_rows, connection, table, own))
    complete = _complete_rule(table)
    judgements += _guarded([complete], partial(_judge_complete, connection, table, complete))
    for query in queries:
        rule = _query_rule(query)
        judgements += _guarded([rule], partial(_judge_query, connection, query, rule))
    for entry in rules.movements if has_last else []:
        if entry.table == table.name:
            rule = movement_rule(entry)
            judgements += _guarded([rule], partial(judge_movement, connection, entry, rule))
    if table.references:
        judgements += _guarded([REFERENCES], partial(_judge_references, connection, table))
    return Audit(table.name, tuple(judgements))


def contract_rules(table: PublishedTable) -> list[Rule]:
    """What the contract demands of a published table."""
    columns = {"column_set": list(table.columns)}
    fewest = {"min_value": table.min_rows}
    promised = "Readers' queries name these columns."
    emptied = "A table that lost its rows passes every check of single rows."
    return [
        Rule("columns", "columns", "expect_table_columns_to_match_set", columns, why=promised),
        Rule("rows", "rows", "expect_table_row_count_to_be_between", fewest, why=emptied),
        _key_rule(table),
    ]


def _key_rule(table: PublishedTable) -> Rule:
    why = f"One row per {' × '.join(table.key)}."
    if len(table.key) == 1:
        column = {"column": table.key[0]}
        return Rule("key", "key", "expect_column_values_to_be_unique", column, why=why)
    columns = {"column_list": table.key, "ignore_row_if": "never"}
    return Rule("key", "key", "expect_compound_columns_to_be_unique", columns, why=why)


def _complete_rule(table: PublishedTable) -> Rule:
    """One rule for all columns that are never null: each rule costs as much as a small table."""
    promised = f"The contract promises a value in {', '.join(table.not_null)}."
    return at_most("complete", "complete", "missing", 0, promised)


def _judge_complete(
    connection: duckdb.DuckDBPyConnection, table: PublishedTable, rule: Rule
) -> list[Judgement]:
    """Each column that is never null with its number of rows that are."""
    counted = ", ".join(f'count(*) filter ("{name}" is null)' for name in table.not_null)
    row = connection.execute(f'select {counted} from "{table.name}"').fetchall()[0]  # noqa: S608
    frame = pd.DataFrame({"promised": table.not_null, "missing": row})
    return judge(frame, [rule], ["promised"])


def _judge_rows(
    connection: duckdb.DuckDBPyConnection, table: PublishedTable, rules: Sequence[Rule]
) -> list[Judgement]:
    if _count(connection, table.name) > LARGEST_FRAME:
        return judge_profile(connection, table.name, rules, table.key)
    frame = connection.execute(f'select * from "{table.name}"').df()  # noqa: S608
    return judge(frame, rules, table.key)


def _query_rule(query: QueryEntry) -> Rule:
    return at_most(query.id, "domain", "violations", 0, query.why, query.severity)


def _judge_query(
    connection: duckdb.DuckDBPyConnection, query: QueryEntry, rule: Rule
) -> list[Judgement]:
    """The query's one row: how much was checked, how much violates."""
    frame = connection.execute(query.sql).df()
    if list(frame.columns) != ["checked", "violations"] or len(frame) != 1:
        raise GateBrokenError(f"{query.id}: the query must answer one row, checked and violations")
    if not int(frame["checked"].iloc[0]):
        return [Judgement(rule, False, "there was nothing to check")]
    checked, violations = (int(frame[name].iloc[0]) for name in ("checked", "violations"))
    passed = judge(frame, [rule], [])[0].passed
    return [Judgement(rule, passed, f"{violations} of {checked} violate")]


def _judge_references(
    connection: duckdb.DuckDBPyConnection, table: PublishedTable
) -> list[Judgement]:
    """Each foreign key with its number of rows that lead nowhere; a null may lead nowhere."""
    counted = " union all ".join(_unmet_sql(table.name, other) for other in table.references)
    frame = connection.execute(counted).df()
    return judge(frame, [REFERENCES], ["reference"])


def _unmet_sql(name: str, reference: Reference) -> str:
    pairs = list(zip(reference.columns, reference.to_columns, strict=True))
    met = " and ".join(f'one."{column}" = other."{target}"' for column, target in pairs)
    stated = " and ".join(f'one."{column}" is not null' for column in reference.columns)
    told = f"{', '.join(reference.columns)} in {reference.to}"
    return (
        f"select '{told}' as reference, count(*) as violations from \"{name}\" as one "  # noqa: S608
        f'where {stated} and not exists (select 1 from "{reference.to}" as other where {met})'
    )


def _guarded(rules: Sequence[Rule], judging: Callable[[], list[Judgement]]) -> list[Judgement]:
    """Fail closed: whatever breaks while judging is a failed judgement of every rule."""
    try:
        return judging()
    except Exception as error:
        return [Judgement(rule, False, f"the rule could not be judged: {error}") for rule in rules]


def records(audits: Iterable[Audit], draft_sha256: str) -> Mapping[str, TableAudit]:
    """The audits as promoting wants them, by table."""
    return {audit.table: audit.record(draft_sha256) for audit in audits}
