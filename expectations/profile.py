"""Large tables: DuckDB counts the violations of every rule in one scan, the rules judge the counts.

A frame of a million rows is judged as it is in under a second; beyond that loading alone costs
more than judging. The profile has one row and, for each rule, a column with its violations.
"""

from collections.abc import Callable, Sequence

import duckdb
import pandas as pd

from expectations.judge import judge
from expectations.rules import Rule
from expectations.verdict import GateBrokenError, Judgement
from warehouse.literals import literal

LARGEST_FRAME = 1_000_000


def _not_null(rule: Rule) -> str:
    return f'count(*) filter (where "{rule.kwargs["column"]}" is null)'


def _between(rule: Rule) -> str:
    column, low, high = (rule.kwargs.get(k) for k in ("column", "min_value", "max_value"))
    outside = [f'"{column}" < {low}'] * (low is not None) + [f'"{column}" > {high}'] * (
        high is not None
    )
    return f"count(*) filter (where {' or '.join(outside)})"


def _in_set(rule: Rule) -> str:
    allowed = ", ".join(map(literal, rule.kwargs["value_set"]))
    return f'count(*) filter (where "{rule.kwargs["column"]}"::varchar not in ({allowed}))'


def _unique(rule: Rule) -> str:
    names = rule.kwargs.get("column_list") or [rule.kwargs["column"]]
    cells = ", ".join(f'"{name}"' for name in names)
    return f"count(*) - count(distinct ({cells}))"


def _rows(rule: Rule) -> str:
    low, high = rule.kwargs.get("min_value", 0), rule.kwargs.get("max_value")
    above = f" or count(*) > {high}" if high is not None else ""
    return f"case when count(*) < {low}{above} then 1 else 0 end"


COUNTED: dict[str, Callable[[Rule], str]] = {
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_be_in_set": _in_set,
    "expect_compound_columns_to_be_unique": _unique,
    "expect_column_values_to_be_unique": _unique,
    "expect_table_row_count_to_be_between": _rows,
}

KNOWN_LIMITS = {"column", "column_list", "min_value", "max_value", "value_set", "ignore_row_if"}


def judge_profile(
    connection: duckdb.DuckDBPyConnection, table: str, rules: Sequence[Rule], key: Sequence[str]
) -> list[Judgement]:
    """Judge a large table by its profile; rules on columns by a sample of its rows.

    Raises:
        GateBrokenError: a rule that cannot be counted.
    """
    shape = [rule for rule in rules if rule.kind == "columns"]
    counted = [rule for rule in rules if rule.kind != "columns"]
    unknown = [r.id for r in counted if r.expect not in COUNTED or r.kwargs.keys() - KNOWN_LIMITS]
    if unknown:
        raise GateBrokenError(f"{table}: no profile for {', '.join(unknown)}")
    cells = ", ".join(f'{COUNTED[rule.expect](rule)} as "{rule.id}"' for rule in counted)
    profile: pd.DataFrame = connection.execute(f'select {cells} from "{table}"').df()  # noqa: S608
    sample: pd.DataFrame = connection.execute(f'select * from "{table}" limit 100').df()  # noqa: S608
    judgements = judge(sample, shape, key) if shape else []
    limits = [
        Rule(
            r.id,
            r.kind,
            "expect_column_values_to_be_between",
            {"column": r.id, "max_value": 0},
            r.severity,
            r.why,
        )
        for r in counted
    ]
    return judgements + [
        Judgement(rule, verdict.passed, f"{int(profile[rule.id].iloc[0])} violations")
        for rule, verdict in zip(counted, judge(profile, limits, []), strict=True)
    ]
