"""StatBank against recorded real answers: what the provider really sends is read, or refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.casting import require_no_findings
from ingestion.declaration import source_by_id
from ingestion.errors import AnswerError
from ingestion.http import provider_words
from ingestion.protocols import statbank
from tests.ingestion.reading import (
    cast_text,
)

ARE207 = source_by_id("statbank_are207")
RECORDED = Path(__file__).resolve().parents[3] / "shared/data/recorded/statbank"


def test_a_time_condition_selects_the_periods_that_hold_it() -> None:
    info = {
        "variables": [
            {"id": "OMRÅDE", "values": [{"id": "101"}]},
            {"id": "Tid", "time": True, "values": [{"id": str(y)} for y in range(2000, 2010)]},
        ]
    }

    def periods(*wanted: str) -> list[str]:
        selection = {"OMRÅDE": ["*"], "Tid": list(wanted)}
        request = ARE207.request.model_copy(update={"selection": selection})
        source = ARE207.model_copy(update={"request": request})
        return statbank.expand(source, info).codes["Tid"]

    assert periods(">=2007") == ["2007", "2008", "2009"]
    assert periods("<=2001") == ["2000", "2001"]
    assert periods(">=2003<=2005") == ["2003", "2004", "2005"]
    assert periods("2004", "2002") == ["2004", "2002"]


def recorded(name: str) -> bytes:
    path = RECORDED / name
    if not path.exists():
        pytest.skip(f"the recorded answer {name} is not at ../shared/data")
    return path.read_bytes()


def recorded_request(content: bytes, time: str = "Tid") -> dict[str, Any]:
    """The request that a recorded answer must have answered: all its own codes."""
    header, *lines = content.decode("utf-8-sig").splitlines()
    names = header.split(";")[:-1]
    cells = [line.split(";") for line in lines]
    codes = {n: list(dict.fromkeys(row[i] for row in cells)) for i, n in enumerate(names)}
    codes[time] = codes.pop("TID")
    expected = {"codes": codes, "time": time, "geography": "OMRÅDE"}
    return {"body": {"format": "CSV"}, "expected": expected}


@pytest.mark.parametrize(
    ("source_id", "name"),
    [
        ("statbank_are207", "are207.csv"),
        ("statbank_bil707", "bil707_cars_by_municipality.csv"),
        ("statbank_folk1a", "folk1a_population_annual.csv"),
        ("statbank_folk1am", "folk1am_population_by_municipality.csv"),
    ],
)
def test_a_recorded_answer_is_parsed_whole_and_a_shorter_one_refused(
    source_id: str, name: str
) -> None:
    content = recorded(name)
    content += b"" if content.endswith(b"\n") else b"\r\n"
    source = source_by_id(source_id)
    request = recorded_request(content)
    text = statbank.parse(source, content, request)
    assert len(text) == len(content.splitlines()) - 1
    shorter = b"\r\n".join(content.splitlines()[:-1]) + b"\r\n"
    with pytest.raises(AnswerError, match="rows came"):
        statbank.parse(source, shorter, request)


def test_recorded_labels_never_pass_for_codes() -> None:
    content = recorded("are207.csv")
    text = statbank.parse(ARE207, content, recorded_request(content))
    with pytest.raises(AnswerError, match="municipality"):
        require_no_findings(cast_text(ARE207, text), ARE207)


def test_a_recorded_description_expands_to_its_own_codes() -> None:
    info = json.loads(recorded("tableinfo_ARE207_da.json"))
    selection = statbank.expand(ARE207, info)
    assert len(selection.codes["OMRÅDE"]) >= 98
    assert selection.time == "Tid"


def test_recorded_refusals_keep_the_providers_words() -> None:
    for case in json.loads(recorded("error_bodies_recorded.json"))["errors"]:
        body = case["body"]
        words = provider_words(json.dumps(body, ensure_ascii=False).encode())
        assert body["errorTypeCode"] in words
        assert body["message"][:100] in words
