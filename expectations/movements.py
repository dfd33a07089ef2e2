"""Gate 3 against the last publication: how far figures moved, each with its limit.

What crosses a limit is held for a person to look at. A movement that cannot be judged is an error,
which nobody can accept.
"""

from typing import TYPE_CHECKING

from expectations.judge import judge
from expectations.rules import MovementEntry, Rule
from expectations.verdict import GateBrokenError, Judgement
from warehouse.holds import Hold

if TYPE_CHECKING:
    import duckdb

COLUMNS = ["subject", "previous", "observed", "moved"]


def movement_rule(entry: MovementEntry) -> Rule:
    """The rule that an entry stands for."""
    limit = {"column": "moved", "max_value": entry.most}
    expect = "expect_column_values_to_be_between"
    return Rule(entry.id, "movement", expect, limit, "hold", entry.why)


def judge_movement(
    connection: "duckdb.DuckDBPyConnection", entry: MovementEntry, rule: Rule
) -> list[Judgement]:
    """Judge what the entry's query finds in the draft and in ``last_publication``.

    Raises:
        GateBrokenError: the query answers other columns, or no figure for a subject.
    """
    frame = connection.execute(entry.sql).df()
    if list(frame.columns) != COLUMNS or frame.isna().any(axis=None):
        raise GateBrokenError(f"{entry.id}: the query must answer {', '.join(COLUMNS)}, never null")
    if frame.empty:
        return [Judgement(rule, True, "the last publication had nothing to compare with")]
    return judge(frame, [rule], COLUMNS)


def holds_of(table: str, judgement: Judgement) -> list[Hold]:
    """Every limit that was crossed; empty when the rule could not be judged."""
    if judgement.passed or judgement.rule.severity != "hold":
        return []
    limit = float(judgement.rule.kwargs["max_value"])
    return [
        Hold(
            table=table,
            rule=judgement.rule.id,
            subject=str(row["subject"]),
            previous=float(row["previous"]),
            observed=float(row["observed"]),
            moved=float(row["moved"]),
            limit=limit,
        )
        for row in judgement.violating
    ]
