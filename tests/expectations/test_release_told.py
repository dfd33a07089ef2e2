"""Gate 1 against a release of other columns, and what it tells a person to do."""

import pandas as pd
import pytest

from expectations.release_gate import judge_release, require_passed
from ingestion.declaration import source_by_id
from ingestion.errors import AnswerError
from tests.expectations.test_release_gate import RELEASE, recent


def test_a_release_with_a_column_more_is_compared_in_those_that_both_have() -> None:
    source = source_by_id("statbank_are207")
    frame = recent(source)
    before = frame.drop(columns=["area_km2", "area_km2_missing"])
    assert [j.text for j in judge_release(frame, source, before) if not j.passed] == []
    fewer = judge_release(frame.head(98), source, frame.drop(columns=["area_km2"]))
    assert {j.rule.id for j in fewer if not j.passed} >= {"rows_kept"}, "a short answer still is"
    bol102 = source_by_id("statbank_bol102")
    dwellings = recent(bol102)
    other = bol102.model_copy(
        update={"columns": [c for c in bol102.columns if c.name != "occupancy"]}
    )
    assert [
        j.text
        for j in judge_release(dwellings, bol102, dwellings[other.frame_columns])
        if not j.passed
    ] == [], "told apart by other columns, only rows are counted"


def test_municipalities_that_are_not_there_are_named() -> None:
    source = source_by_id("statbank_are207")
    frame = recent(source)
    fewer = frame[~frame["municipality_code"].isin(["0580", "0860"])]
    with pytest.raises(AnswerError, match="not there: 0580, 0860") as caught:
        require_passed(fewer.reset_index(drop=True), source, None, RELEASE)
    assert "expectations/sources" in caught.value.hint


def test_rows_that_the_key_does_not_tell_apart_lead_to_the_declaration() -> None:
    source = source_by_id("statbank_are207")
    frame = recent(source)
    twice = pd.concat([frame, frame.head(1)], ignore_index=True)
    with pytest.raises(AnswerError) as caught:
        require_passed(twice, source, None, RELEASE)
    assert "ingestion/sources/statbank_are207.yml" in caught.value.hint
