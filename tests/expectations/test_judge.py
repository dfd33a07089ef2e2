"""Great Expectations as a judge that fails closed."""

import os
import subprocess
import sys

import pandas as pd
import pytest

from expectations.judge import judge
from expectations.rules import Rule
from expectations.verdict import GateBrokenError, Judgement

FRAME = pd.DataFrame(
    {
        "code": ["0101", "0147", "0151", "0860"],
        "value": pd.array([1.0, 2.0, None, 4000.0], dtype="Float64"),
    }
)
PRESENT = Rule("present", "complete", "expect_column_values_to_not_be_null", {"column": "value"})
BELOW = Rule(
    "below", "range", "expect_column_values_to_be_between", {"column": "value", "max_value": 10}
)
ROWS = Rule("rows", "rows", "expect_table_row_count_to_be_between", {"min_value": 4})
RAISING = Rule("raising", "complete", "expect_column_values_to_not_be_null", {"column": "nowhere"})
UNKNOWN = Rule("unknown", "domain", "expect_column_values_to_be_lovely", {"column": "value"})


def judged(*rules: Rule, frame: pd.DataFrame = FRAME) -> list[Judgement]:
    return judge(frame, rules, ["code"])


def test_there_is_one_judgement_per_rule_in_the_order_of_the_rules() -> None:
    for rules in ([PRESENT, BELOW, ROWS], [ROWS, PRESENT, BELOW]):
        assert [(j.rule, j.passed) for j in judged(*rules)] == [(r, r is ROWS) for r in rules]


def test_a_judge_without_rules_refuses_to_judge() -> None:
    with pytest.raises(GateBrokenError, match="no rule"):
        judged()


def test_an_empty_frame_passes_nothing() -> None:
    may_be_none = Rule("rows", "rows", "expect_table_row_count_to_be_between", {"min_value": 0})
    found = judged(PRESENT, may_be_none, frame=FRAME.head(0))
    assert [j.passed for j in found] == [False, False]
    assert {j.observed for j in found} == {"there are no rows to judge"}


def test_a_rule_that_raises_has_not_passed_and_the_others_are_still_judged() -> None:
    raised, rows = judged(RAISING, ROWS)
    assert not raised.passed
    assert "could not be judged" in raised.observed
    assert "nowhere" in raised.observed
    assert rows.passed


def test_an_expectation_that_does_not_exist_breaks_the_gate() -> None:
    with pytest.raises(GateBrokenError, match="expect_column_values_to_be_lovely"):
        judged(ROWS, UNKNOWN)


def test_two_rules_of_one_name_break_the_gate() -> None:
    twin = Rule("rows", "rows", "expect_table_row_count_to_be_between", {"min_value": 9})
    with pytest.raises(GateBrokenError, match="2 rules gave 1 results"):
        judged(ROWS, twin)


def test_the_places_of_a_failure_are_named_by_the_key() -> None:
    present, below = judged(PRESENT, BELOW)
    assert [place.split()[0] for place in present.places] == ["code=0151"]
    assert below.places == ("code=0860 value=4000.0",)
    assert "code=0860" in below.text


def test_the_observed_figure_stands_beside_the_threshold() -> None:
    rows = Rule("rows", "rows", "expect_table_row_count_to_be_between", {"min_value": 98})
    assert judged(rows)[0].text == "rows (min_value=98): 4"
    assert "max_value=10" in judged(BELOW)[0].text
    assert judged(BELOW)[0].observed.startswith("1 of 4 ")


def test_a_rule_that_passed_names_no_places() -> None:
    above = Rule(
        "above", "range", "expect_column_values_to_be_between", {"column": "value", "min_value": 0}
    )
    (found,) = judged(above)
    assert found == Judgement(above, True, found.observed)
    assert found.observed.startswith("0 of 4 ")


def test_only_the_first_places_are_shown() -> None:
    many = pd.DataFrame({"code": [str(n) for n in range(50)], "value": [99.0] * 50})
    (found,) = judged(BELOW, frame=many)
    assert found.observed.startswith("50 of 50 ")
    assert len(found.places) == 5


def test_a_frame_is_not_changed_by_judging() -> None:
    before = FRAME.copy(deep=True)
    judged(PRESENT, BELOW)
    pd.testing.assert_frame_equal(FRAME, before)


def test_frames_do_not_leak_from_one_judgement_to_the_next() -> None:
    assert not judged(BELOW)[0].passed
    assert judged(BELOW, frame=FRAME.head(2))[0].passed
    assert not judged(BELOW)[0].passed


def test_importing_the_gates_imports_neither_pandas_nor_great_expectations() -> None:
    program = (
        "import sys; import expectations.judge, expectations.release_gate, expectations.rules; "
        "print(sorted({'great_expectations', 'dbt', 'dagster'} & set(sys.modules)))"
    )
    asked = [sys.executable, "-c", program]
    assert subprocess.run(asked, capture_output=True, check=True).stdout == b"[]\n"


def test_nothing_is_sent_home() -> None:
    judged(ROWS)
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
