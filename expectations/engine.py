"""The only code that runs Great Expectations: rules and a frame in, judgements out.

Great Expectations takes seconds to import, so it is imported when the first frame is judged.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from expectations.rules import Rule
from expectations.verdict import GateBrokenError, Judgement

if TYPE_CHECKING:
    import pandas as pd

PLACES_SHOWN = 5
# To name the rows that violate a rule costs a third more; only of a rule that fails are they asked.
COUNTED: Mapping[str, Any] = {"result_format": "BASIC", "partial_unexpected_count": 0}
PLACED: Mapping[str, Any] = {
    "result_format": "COMPLETE",
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
}


def evaluate(frame: "pd.DataFrame", rules: Sequence[Rule], index: Sequence[str]) -> list[Judgement]:
    """Judge a frame that is not empty by at least one rule; ``judge`` sees to both.

    Raises:
        GateBrokenError: an expectation that does not exist, or not one result per rule.
    """
    frame = frame.reset_index(drop=True)
    batch = load().get_batch({"dataframe": frame})
    results = _validate(batch, rules, COUNTED)
    failed = [rule for rule in rules if not results[rule.id].success]
    if failed:
        results |= _validate(batch, failed, PLACED)
    return [_judgement(rule, results[rule.id], index, frame) for rule in rules]


@cache
def load() -> Any:
    """Great Expectations itself: an ephemeral context over frames, without progress bars."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    frames = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return frames.add_batch_definition_whole_dataframe("whole")


def _validate(batch: Any, rules: Sequence[Rule], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Results by rule."""
    import great_expectations as gx

    suite = gx.ExpectationSuite(name="rules", expectations=[_expectation(rule) for rule in rules])
    results = batch.validate(suite, result_format=dict(wanted)).results
    by_id = {result.expectation_config.meta["rule"]: result for result in results}
    if len(by_id) != len(rules):
        raise GateBrokenError(f"{len(rules)} rules gave {len(by_id)} results")
    return by_id


def _expectation(rule: Rule) -> Any:
    """The expectation class of a rule; an unknown name or limit fails here, not silently."""
    import great_expectations as gx

    name = "".join(part.capitalize() for part in rule.expect.split("_"))
    kind = getattr(gx.expectations, name, None)
    if kind is None:
        raise GateBrokenError(f"rule {rule.id}: there is no expectation {rule.expect}")
    try:
        return kind(**rule.kwargs, meta={"rule": rule.id})
    except Exception as error:
        told = f"{rule.id}: {type(error).__name__} {error}"
        raise GateBrokenError(told) from error


def _judgement(rule: Rule, result: Any, index: Sequence[str], frame: "pd.DataFrame") -> Judgement:
    details = result.result
    raised = _raised(result.exception_info)
    if raised:
        return Judgement(rule, False, f"the rule could not be judged: {raised}")
    observed = _observed(details)
    if result.success:
        return Judgement(rule, True, observed[:500])
    violating = _violating(rule, details, index, frame)
    places = tuple(_place(place, index) for place in violating[:PLACES_SHOWN])
    return Judgement(rule, False, observed[:500], places, violating)


def _observed(details: Mapping[str, Any]) -> str:
    """The figure that the rule saw, as a reader wants it."""
    value = details.get("observed_value")
    if value is None:
        return f"{details.get('unexpected_count', 0)} of {details.get('element_count', 0)} violate"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)


def _violating(
    rule: Rule, details: Mapping[str, Any], index: Sequence[str], frame: "pd.DataFrame"
) -> tuple[Mapping[str, Any], ...]:
    """Of each row that violates a rule: what names it, and what was judged.

    Great Expectations gives the numbers of the rows; to have it name them takes it a hundred times
    as long.
    """
    found = details.get("unexpected_index_list") or []
    judged = rule.kwargs.get("column_list") or [
        rule.kwargs[name] for name in ("column", "column_A", "column_B") if name in rule.kwargs
    ]
    wanted = dict.fromkeys([*judged, *index])
    columns = [column for column in wanted if column in frame.columns]
    rows: list[Mapping[str, Any]] = frame.loc[list(found), columns].to_dict("records")  # type: ignore[assignment]
    return tuple(rows)


def _place(place: Mapping[str, Any], index: Sequence[str]) -> str:
    ordered = [*(name for name in index if name in place), *(n for n in place if n not in index)]
    return " ".join(f"{name}={place[name]}" for name in ordered)


def _raised(info: Mapping[str, Any]) -> str | None:
    """The message of an exception inside a rule: flat, or one entry per metric."""
    entries = [info] if "raised_exception" in info else list(info.values())
    for entry in entries:
        if isinstance(entry, Mapping) and entry.get("raised_exception"):
            return str(entry.get("exception_message"))[:200]
        if isinstance(entry, str):
            return entry[-200:]
    return None
