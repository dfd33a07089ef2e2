"""Gate 1: may this release be accepted? Rules from the declaration, plus the domain's own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from expectations import derived, revision
from expectations.judge import judge
from expectations.rules import Rule, accepted_rules, at_most, source_rules
from expectations.verdict import Judgement
from ingestion.declaration import Column, Source
from ingestion.errors import AnswerError
from ingestion.geography import MUNICIPALITY_CODES

if TYPE_CHECKING:
    import pandas as pd

FEWEST_ROWS = 98
ROWS_KEPT = 0.9
MOST_ABSENT = 20
MEDIAN_CHANGE = (0.5, 2.0)
# Kinds of rules on the distance from the last release: a person may accept a release for them.
COMPARED = frozenset({"continuity", "revision"})


def judge_release(
    frame: "pd.DataFrame", source: Source, before: "pd.DataFrame | None"
) -> list[Judgement]:
    """Judge the typed rows of a release.

    Args:
        frame: (rows × declared columns, ``<measure>_missing`` and ``row_key``).
        source: the declaration.
        before: the last accepted release, None for the first.
    """
    rules = [*rules_from_declaration(source), *source_rules(source.id)]
    judgements = judge(frame, [rule for rule in rules if rule.frame == "rows"], source.key)
    for name, derive in derived.DERIVED.items():
        wanted = [rule for rule in rules if rule.frame == name]
        if wanted:
            made = derive(frame, source)
            judgements += judge(made, wanted, source.key) if len(made) or name == "periods" else []
    if before is not None:
        judgements += _judge_against(frame, before, source)
    return judgements


def _judge_against(
    frame: "pd.DataFrame", before: "pd.DataFrame", source: Source
) -> list[Judgement]:
    """Compare with the last accepted release, in the columns that it has too.

    Where it was told apart by other columns than today's, only its rows are counted.
    """
    columns = [column for column in source.columns if column.name in before]
    comparable = source.model_copy(update={"columns": columns})
    if comparable.key != source.key or not comparable.measures:
        counted = derived.counted(frame, before)
        return judge(counted, [_rows_rule(len(before))], [])
    judgements = _judge_change(frame, before, comparable)
    for one in revision.revisions(frame, before, comparable):
        judgements += judge(one.frame, one.rules, one.index)
    return judgements


def rules_from_declaration(source: Source) -> list[Rule]:
    """Columns, rows, key, codes, ranges and completeness, as the declaration states them."""
    key = {"column_list": source.key, "ignore_row_if": "never"}
    fewest = FEWEST_ROWS if source.municipality else 1
    rules = [
        Rule(
            "columns",
            "columns",
            "expect_table_columns_to_match_set",
            {"column_set": source.frame_columns},
        ),
        Rule("rows", "rows", "expect_table_row_count_to_be_between", {"min_value": fewest}),
        Rule("key", "key", "expect_compound_columns_to_be_unique", key),
    ]
    for column in source.columns:
        rules += _column_rules(column)
    return rules


def _column_rules(column: Column) -> list[Rule]:
    name: str = column.name
    rules: list[Rule] = []
    if not column.nullable:
        rules.append(
            Rule(
                f"{name}_present",
                "complete",
                "expect_column_values_to_not_be_null",
                {"column": name},
            )
        )
    if column.codes:
        codes = {"column": name, "value_set": list(column.codes)}
        rules.append(Rule(f"{name}_codes", "codes", "expect_column_values_to_be_in_set", codes))
    if column.minimum is not None or column.maximum is not None:
        bounds = {"column": name, "min_value": column.minimum, "max_value": column.maximum}
        rules.append(Rule(f"{name}_range", "range", "expect_column_values_to_be_between", bounds))
    return rules


def _judge_change(frame: "pd.DataFrame", before: "pd.DataFrame", source: Source) -> list[Judgement]:
    """Compare with the last accepted release: nothing may vanish, go back in time or jump."""
    comparison = derived.comparison(frame, before, source)
    # The newest row of a register may be taken back.
    newest = [] if source.is_register else [_period_rule()]
    judgements = judge(comparison, [_rows_rule(len(before)), *newest], [])
    changed = derived.change(frame, before, source)
    rules = [_median_rule(f"{m.name}_ratio") for m in source.measures if _has(changed, m)]
    rules += [_collapse_rule(f"{m.name}_collapsed") for m in source.measures]
    return judgements + (judge(changed, rules, source.key) if len(changed) else [])


def _rows_rule(rows_before: int) -> Rule:
    return Rule(
        "rows_kept",
        "continuity",
        "expect_column_values_to_be_between",
        {"column": "rows", "min_value": int(rows_before * ROWS_KEPT)},
        why="A release with far fewer rows than the last one is a short answer.",
    )


def _period_rule() -> Rule:
    why = "A release that ends before the one in force is an old file, or was cut."
    return at_most("newest_period_kept", "continuity", "later_periods_before", 0, why)


def _collapse_rule(column: str) -> Rule:
    why = "A figure that falls from hundreds to nothing is missing, not zero."
    return at_most(column, "continuity", column, 0, why)


def _has(changed: "pd.DataFrame", measure: Column) -> bool:
    return bool(changed[f"{measure.name}_ratio"].notna().any())


def _median_rule(column: str) -> Rule:
    low, high = MEDIAN_CHANGE
    return Rule(
        f"{column}_median",
        "continuity",
        "expect_column_median_to_be_between",
        {"column": column, "min_value": low, "max_value": high},
        why="A dropped or added factor of 1000 passes every check of form.",
    )


def require_passed(
    frame: "pd.DataFrame",
    source: Source,
    before: "pd.DataFrame | None",
    release: str,
    also: Sequence[Judgement] = (),
) -> str | None:
    """Judge a release; return what was only warned of, or was accepted by somebody.

    Args:
        frame: (rows × declared columns, ``<measure>_missing`` and ``row_key``).
        source: the declaration.
        before: the last accepted release, None for the first.
        release: the SHA-256 of its bytes.
        also: judgements that were made of it elsewhere.

    Raises:
        AnswerError: naming every rule that failed, the observed figure and the first places.
    """
    judged = [*judge_release(frame, source, before), *also]
    missed = [j for j in judged if not j.passed]
    accepted = accepted_rules(source.id, release)
    failed = [
        j
        for j in missed
        if j.rule.severity == "fail" and not (j.rule.kind in COMPARED and j.rule.id in accepted)
    ]
    if failed:
        told = "; ".join([*(j.text for j in failed), *_absent(frame, source)])
        raise AnswerError(
            f"gate-{failed[0].rule.id}",
            f"{source.id} did not pass gate 1: {told}.",
            _what_to_do(failed, source, release),
        )
    return "; ".join(j.text for j in missed) or None


def _absent(frame: "pd.DataFrame", source: Source) -> list[str]:
    """Which municipalities are not there, where a few are not."""
    if source.municipality is None:
        return []
    there = set(frame[source.municipality.name])
    gone = [code for code in MUNICIPALITY_CODES if code not in there]
    return [f"not there: {', '.join(gone)}"] if 0 < len(gone) <= MOST_ABSENT else []


def _what_to_do(failed: Sequence[Judgement], source: Source, release: str) -> str:
    file = f"expectations/sources/{source.id}.yml"
    if any(j.rule.kind == "key" for j in failed):
        return f"What tells rows apart is the key, in ingestion/sources/{source.id}.yml."
    if any(j.rule.kind not in COMPARED for j in failed):
        return f"If the figures are right, edit {file}."
    rules = ", ".join(j.rule.id for j in failed)
    return (
        f"If the provider revised them so, add to {file} under accepted: "
        f"{{release: {release[:12]}, rules: [{rules}], why: …}}."
    )
