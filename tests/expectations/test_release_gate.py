"""Gate 1: every rule has been seen to fail, each on a frame broken in just that way."""

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from expectations import release_gate, rules
from expectations.judge import judge
from expectations.release_gate import judge_release, require_passed, rules_from_declaration
from expectations.rules import Rule, source_rules
from expectations.verdict import Judgement
from ingestion.declaration import Column, Source, source_by_id
from ingestion.errors import AnswerError
from tests.ingestion.reading import EMBEDDED, snapshot_frame

SOURCES = EMBEDDED
RELEASE = hashlib.sha256(b"an answer").hexdigest()
Break = Callable[[pd.DataFrame, Source, Rule], pd.DataFrame]


@cache
def good(source_id: str) -> tuple[Judgement, ...]:
    return tuple(judge_release(snapshot_frame(source_id), source_by_id(source_id), None))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_the_snapshot_passes_every_rule_and_every_rule_is_judged(source: Source) -> None:
    rules = [*rules_from_declaration(source), *source_rules(source.id)]
    assert {judgement.rule.id for judgement in good(source.id)} <= {rule.id for rule in rules}
    unjudged = {rule.id for rule in rules} - {judgement.rule.id for judgement in good(source.id)}
    has_one_period = snapshot_frame(source.id)[source.period.name].nunique() == 1
    steps = {rule.id for rule in rules if rule.frame == "steps"}
    assert unjudged == (steps if has_one_period else set())
    assert [judgement.text for judgement in good(source.id) if not judgement.passed] == []


def test_rules_of_a_declaration_have_different_names_from_those_of_the_domain() -> None:
    for source in SOURCES:
        ids = [rule.id for rule in [*rules_from_declaration(source), *source_rules(source.id)]]
        assert len(set(ids)) == len(ids), source.id


def recent(source: Source, periods: int = 3) -> pd.DataFrame:
    """The newest periods of the snapshot: enough to break, quick to judge."""
    frame = snapshot_frame(source.id)
    newest = sorted(frame[source.period.name].unique())[-periods:]
    return frame[frame[source.period.name].isin(newest)].reset_index(drop=True)


def column_of(source: Source, rule: Rule) -> Column:
    return next(column for column in source.columns if column.name == rule.kwargs["column"])


def one_more_column(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
    return frame.assign(more=1)


def few_rows(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
    return frame.head(97)


def one_row_twice(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
    return pd.concat([frame, frame.head(1)], ignore_index=True)


def one_null(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
    frame.loc[0, rule.kwargs["column"]] = None
    return frame


def one_unknown_code(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
    frame.loc[0, rule.kwargs["column"]] = "?"
    return frame


def one_out_of_range(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
    column = column_of(source, rule)
    assert column.maximum is not None
    frame.loc[0, column.name] = int(column.maximum) + 1
    return frame


GENERATED: dict[str, Break] = {
    "columns": one_more_column,
    "rows": few_rows,
    "key": one_row_twice,
    "_present": one_null,
    "_codes": one_unknown_code,
    "_range": one_out_of_range,
}


def breaker(rule: Rule) -> Break:
    return next(found for end, found in GENERATED.items() if rule.id.endswith(end))


def cases() -> list[tuple[Source, Rule]]:
    return [(source, rule) for source in SOURCES for rule in rules_from_declaration(source)]


@pytest.mark.parametrize(
    ("source", "rule"),
    [pytest.param(source, rule, id=f"{source.id}-{rule.id}") for source, rule in cases()],
)
def test_every_rule_of_a_declaration_fails_on_a_frame_that_breaks_it(
    source: Source, rule: Rule
) -> None:
    frame = breaker(rule)(snapshot_frame(source.id).head(120), source, rule)
    rules = [rule] if rule.id == "columns" else rules_from_declaration(source)
    found = {j.rule.id: j for j in judge(frame, rules, source.key)}
    failed = {name for name, judgement in found.items() if not judgement.passed}
    assert rule.id in failed, found[rule.id].text
    of_the_same_column = {
        r.id for r in rules if r.kwargs.get("column") == rule.kwargs.get("column", "-")
    }
    assert failed <= {rule.id, *of_the_same_column}


def without_a_municipality(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
    fewest = int(rule.kwargs["min_value"])
    kept = sorted(frame["municipality_code"].unique())[: fewest - 1]
    return frame[frame["municipality_code"].isin(kept)].reset_index(drop=True)


def without_some_in_the_last_period(
    frame: pd.DataFrame, source: Source, rule: Rule
) -> pd.DataFrame:
    fewest = int(rule.kwargs["min_value"])
    period = source.period.name
    kept = sorted(frame["municipality_code"].unique())[: fewest - 1]
    is_last = frame[period] == frame[period].max()
    left: pd.DataFrame = frame[~is_last | frame["municipality_code"].isin(kept)]
    return left.reset_index(drop=True)


def times(factor: float, column: str) -> Break:
    def magnified(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
        frame[column] = (frame[column] * factor).astype(frame[column].dtype)
        return frame

    return magnified


def swapped(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
    """The largest and the smallest municipality exchanged in the last period."""
    period, value = source.period.name, source.measures[0].name
    last = frame[frame[period] == frame[period].max()]
    high, low = last[value].idxmax(), last[value].idxmin()
    frame.loc[[high, low], value] = frame.loc[[low, high], value].to_list()
    return frame


def without(column: str, code: str) -> Break:
    def gone(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
        return frame[frame[column] != code].reset_index(drop=True)

    return gone


def one_value(column: str, code: str, value: float) -> Break:
    def changed(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
        frame.loc[frame.index[frame[column] == code][0], "value"] = value
        return frame

    return changed


def with_gaps(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
    """One cell in twenty has no figure."""
    frame.loc[frame.index[::20], rule.kwargs["column"]] = pd.NA
    return frame


def under_two_networks(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
    """One municipality once more, with the mix of another network."""
    return pd.concat([frame, frame.head(1).assign(network="1 Net")], ignore_index=True)


def plus(points: float, column: str) -> Break:
    def shifted(frame: pd.DataFrame, source: Source, rule: Rule) -> pd.DataFrame:
        frame.loc[0, column] = frame.loc[0, column] + points
        return frame

    return shifted


DOMAIN: dict[str, Break] = {
    "one_mix_per_municipality": under_two_networks,
    "shares_make_a_whole": plus(1.5, "waste_pct"),
    "production_magnitude": times(1000, "own_production_tj"),
    "few_missing": with_gaps,
    "every_municipality": without_a_municipality,
    "every_municipality_in_every_period": without_some_in_the_last_period,
    "solar_magnitude": times(1000, "solar_mw"),
    "onshore_magnitude": times(0.001, "onshore_wind_mw"),
    "area_km2_step_size": swapped,
    "vehicles_step_size": swapped,
    "population_step_size": swapped,
    "total_is_there": without("fuel", "20200"),
    "oil_and_gas_are_there": without("heating", "CO"),
    "per_cent_is_per_cent": one_value("key_figure", "GENPCT", 101.0),
    "ratio_is_a_ratio": one_value("measure", "re_electricity_self_sufficiency", 171.0),
}
BY_SOURCE: dict[tuple[str, str], Break] = {
    ("statbank_laby25", "both_figures"): without("key_figure", "GENPCT"),
    ("klimaregnskabet_key_figures", "both_figures"): without("measure", "emission"),
}


def domain_breaker(source: Source, rule: Rule) -> Break:
    """How to break a rule; a new rule needs an entry here, or it has never been seen to fail."""
    if rule.id == "country_magnitude":
        return times(1000, re.sub(r"_sum$", "", rule.kwargs["column"]))
    return BY_SOURCE.get((source.id, rule.id)) or DOMAIN[rule.id]


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        pytest.param(source, rule, id=f"{source.id}-{rule.id}")
        for source in SOURCES
        for rule in source_rules(source.id)
    ],
)
def test_every_rule_of_the_domain_fails_on_a_frame_that_breaks_it(
    source: Source, rule: Rule
) -> None:
    frame = domain_breaker(source, rule)(recent(source), source, rule)
    found = {j.rule.id: j for j in judge_release(frame, source, None)}
    assert not found[rule.id].passed, found[rule.id].text


def test_a_rule_that_only_warns_is_told_and_refuses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warning = Rule(
        "odd",
        "domain",
        "expect_column_values_to_be_between",
        {"column": "value", "max_value": 0},
        severity="warn",
    )
    monkeypatch.setattr(release_gate, "source_rules", lambda _: [warning])
    source = source_by_id("statbank_laby25")
    told = require_passed(recent(source), source, None, RELEASE)
    assert told is not None
    assert told.startswith("odd (column=value, max_value=0): 196 of 196 ")
    assert "municipality_code=0101" in told
    monkeypatch.setattr(release_gate, "source_rules", lambda _: [])
    assert require_passed(recent(source), source, None, RELEASE) is None


@pytest.mark.parametrize(
    "source",
    [source for source in SOURCES if any(r.frame == "steps" for r in source_rules(source.id))],
    ids=lambda source: source.id,
)
def test_two_municipalities_exchanged_in_one_period_are_seen_by_the_step_alone(
    source: Source,
) -> None:
    (step,) = [rule for rule in source_rules(source.id) if rule.frame == "steps"]
    frame = swapped(snapshot_frame(source.id), source, step)
    failed = [j.rule.id for j in judge_release(frame, source, None) if not j.passed]
    assert failed == [step.id]


def test_the_refusal_names_the_place_the_figure_and_the_limit() -> None:
    source = source_by_id("statbank_folk1a")
    frame = snapshot_frame(source.id)
    frame.loc[0, "population"] = 2_000_000
    with pytest.raises(AnswerError) as caught:
        require_passed(frame, source, None, RELEASE)
    message = caught.value.message
    assert "population_range" in message
    assert "max_value=1000000" in message
    assert "municipality_code=0101" in message
    assert caught.value.code == "gate-population_range"
    assert f"expectations/sources/{source.id}.yml" in caught.value.hint
    assert caught.value.state == "quarantined"


def changed(source_id: str, frame: pd.DataFrame) -> set[str]:
    """What fails when the frame follows the snapshot's release."""
    judgements = judge_release(frame, source_by_id(source_id), snapshot_frame(source_id))
    return {judgement.rule.id for judgement in judgements if not judgement.passed}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_an_unchanged_release_passes_the_comparison_with_the_last_one(source: Source) -> None:
    judgements = judge_release(recent(source), source, recent(source))
    kinds = [judgement.rule.kind for judgement in judgements]
    assert kinds.count("continuity") == 2 + 2 * len(source.measures)
    assert all(judgement.passed for judgement in judgements)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_a_factor_of_a_thousand_is_seen_in_the_median(source: Source) -> None:
    for measure, factor in zip(source.measures, (1000, 0.001, 1000), strict=False):
        rule = Rule(measure.name, "", "")
        frame = times(factor, measure.name)(recent(source, 1), source, rule)
        judgements = judge_release(frame, source, recent(source, 1))
        failed = {judgement.rule.id for judgement in judgements if not judgement.passed}
        assert f"{measure.name}_ratio_median" in failed


def test_rows_that_vanish_are_seen() -> None:
    frame = snapshot_frame("statbank_are207")
    years = sorted(frame["year"].unique())
    shorter = frame[frame["year"].isin(years[1:])].reset_index(drop=True)
    assert changed("statbank_are207", shorter) == set()
    hollow = frame[frame["year"].isin(years[3:])].reset_index(drop=True)
    assert changed("statbank_are207", hollow) == {"rows_kept"}


def test_a_release_that_goes_back_in_time_is_seen() -> None:
    frame = snapshot_frame("statbank_are207")
    newest = frame["year"].max()
    older = frame[frame["year"] < newest].reset_index(drop=True)
    assert changed("statbank_are207", older) == {"newest_period_kept"}


def test_a_figure_that_falls_from_hundreds_to_nothing_is_seen() -> None:
    frame = snapshot_frame("statbank_bil54")
    plug_in = frame.index[(frame["municipality_code"] == "0101") & (frame["fuel"] == "20232")]
    frame.loc[plug_in, "vehicles"] = 0
    assert changed("statbank_bil54", frame) == {"vehicles_collapsed", "vehicles_leapt"}


def test_a_revision_of_a_few_figures_passes() -> None:
    frame = snapshot_frame("statbank_folk1am")
    frame.loc[:50, "population"] = (frame.loc[:50, "population"] * 1.005).astype("Int64")
    assert changed("statbank_folk1am", frame) == set()


def test_a_leap_is_accepted_for_the_bytes_that_somebody_looked_at_and_no_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source, before = source_by_id("statbank_bil54"), snapshot_frame("statbank_bil54")
    frame = before.copy()
    frame.loc[frame["municipality_code"] == "0563", "vehicles"] *= 6
    with pytest.raises(AnswerError) as refused:
        require_passed(frame, source, before, RELEASE)
    told = str(refused.value.hint)
    assert f"{{release: {RELEASE[:12]}, rules: [vehicles_leapt], why" in told
    declared = (rules.FOLDER / "sources" / f"{source.id}.yml").read_text(encoding="utf-8")
    entry = told.split("accepted: ")[1].rstrip(".").replace("…", "an example")
    (tmp_path / "sources").mkdir()
    file = tmp_path / "sources" / f"{source.id}.yml"
    file.write_text(f"{declared}\naccepted:\n  - {entry}\n", encoding="utf-8")
    monkeypatch.setattr(rules, "FOLDER", tmp_path)
    assert "vehicles_leapt" in str(require_passed(frame, source, before, RELEASE))
    with pytest.raises(AnswerError, match="vehicles_leapt"):
        require_passed(frame, source, before, RELEASE[::-1])
    frame.loc[0, "municipality_code"] = "0999"
    with pytest.raises(AnswerError) as refused:
        require_passed(frame, source, before, RELEASE)
    assert str(refused.value.hint).endswith(f"edit expectations/sources/{source.id}.yml.")


def test_figures_that_were_zero_or_missing_before_are_not_compared() -> None:
    source = source_by_id("energidataservice_capacity_per_municipality")
    before = snapshot_frame(source.id)
    before["offshore_wind_mw"] = 0.0
    judgements = judge_release(snapshot_frame(source.id), source, before)
    names = {judgement.rule.id for judgement in judgements}
    assert "offshore_wind_mw_ratio_median" not in names
    assert all(judgement.passed for judgement in judgements)


def test_an_empty_release_is_refused() -> None:
    source = source_by_id("statbank_are207")
    with pytest.raises(AnswerError, match="no rows to judge"):
        require_passed(snapshot_frame(source.id).head(0), source, None, RELEASE)


def test_a_gate_that_breaks_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> list[Judgement]:
        raise RuntimeError("the judge is ill")

    monkeypatch.setattr(release_gate, "judge", broken)
    source = source_by_id("statbank_are207")
    with pytest.raises(RuntimeError, match="ill"):
        require_passed(snapshot_frame(source.id), source, None, RELEASE)
