"""Large tables: the counts of one scan lead to the same verdicts as the rows themselves."""

from pathlib import Path

import duckdb
import pytest

from expectations import publication_audit
from expectations.profile import COUNTED, judge_profile
from expectations.publication_audit import contract_rules
from expectations.rules import Rule, publication_rules
from expectations.verdict import GateBrokenError
from tests.expectations.drafts import FCT, audit, draft, failed, judgement
from tests.expectations.test_publication_audit import SPOILT


@pytest.mark.parametrize("spoil", ["", *[case.values[0] for case in SPOILT]])
def test_the_profile_and_the_rows_lead_to_the_same_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    file = draft(tmp_path, str(spoil))
    by_rows = failed(audit(file))
    monkeypatch.setattr(publication_audit, "LARGEST_FRAME", 0)
    by_profile = failed(audit(file))
    if "drop value" in str(spoil) or "rename" in str(spoil):  # one scan: a missing column fails all
        assert set(by_rows) < set(by_profile)
    else:
        assert by_profile == by_rows


def test_a_profile_tells_how_many_rows_violate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication_audit, "LARGEST_FRAME", 0)
    audits = audit(draft(tmp_path, "update fct_value set value = 99 where value > 17"))
    assert judgement(audits, "small").observed == "3 violations"


@pytest.mark.parametrize(
    "rule",
    [
        Rule("m", "domain", "expect_column_median_to_be_between", {"column": "value"}),
        Rule(
            "c",
            "domain",
            "expect_column_values_to_be_between",
            {"column": "value", "max_value": 1, "row_condition": "year==2026"},
        ),
        Rule("n", "domain", "expect_column_values_to_not_be_null", {"column": "v", "mostly": 0.5}),
    ],
    ids=lambda rule: rule.id,
)
def test_a_rule_that_cannot_be_counted_breaks_the_gate_and_is_never_half_judged(
    tmp_path: Path, rule: Rule
) -> None:
    with (
        duckdb.connect(str(draft(tmp_path)), read_only=True) as connection,
        pytest.raises(GateBrokenError, match=f"no profile for {rule.id}"),
    ):
        judge_profile(connection, "fct_value", [rule], ["year"])


def test_every_rule_of_a_contract_and_of_the_publication_can_be_counted() -> None:
    rules = [rule for rule in contract_rules(FCT) if rule.kind != "columns"]
    rules += [e.rule() for entries in publication_rules().tables.values() for e in entries]
    assert {rule.expect for rule in rules} <= set(COUNTED)


def test_quotes_in_a_set_of_values_are_no_sql(tmp_path: Path) -> None:
    rule = Rule(
        "set",
        "domain",
        "expect_column_values_to_be_in_set",
        {"column": "unit", "value_set": ["km2", "it's"]},
    )
    with duckdb.connect(str(draft(tmp_path)), read_only=True) as connection:
        assert judge_profile(connection, "dim_indicator", [rule], [])[0].passed
