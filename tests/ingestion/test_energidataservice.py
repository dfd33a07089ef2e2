"""Energi Data Service over loopback: one request for all, and answers that lie politely."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from ingestion import http
from ingestion.declaration import source_by_id
from ingestion.errors import AnswerError, ProviderError
from ingestion.protocols import energidataservice
from ingestion.snapshot.protocol import text_answer
from tests.ingestion.reading import (
    cast_text,
    look_and_fetch,
    over_loopback,
    read_text,
    refusal,
    snapshot_text,
)
from tests.providers import faults
from tests.providers.faults import Fault, Row, on_json, on_rows
from tests.providers.server import Providers

CAPACITY = source_by_id("energidataservice_capacity_per_municipality")
DATA, META = "/dataset/Capacity", "/meta/dataset/"


def is_data(request: Any) -> bool:
    return bool(request.path.startswith("/dataset/"))


def failing(providers: Providers, *steps: Fault, times: int | None = None) -> None:
    providers.fail("energidataservice", is_data, *steps, times=times)


def asked(providers: Providers, beginning: str) -> int:
    return sum(s.path.startswith(beginning) for s in providers.asked("energidataservice"))


def parsed(payload: Any) -> pd.DataFrame:
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return energidataservice.parse(CAPACITY, content, {})


def test_one_request_brings_all_municipalities_and_only_declared_columns(
    providers: Providers,
) -> None:
    text = read_text(CAPACITY, over_loopback(providers, CAPACITY))
    pd.testing.assert_frame_equal(text, snapshot_text(CAPACITY.id))
    assert (asked(providers, META), asked(providers, DATA)) == (1, 1)
    query = providers.asked("energidataservice")[1].query
    assert query["limit"] == "0"
    assert query["columns"].split(",") == [column.provider_name for column in CAPACITY.columns]
    assert "filter" not in query
    assert "contacts" not in query["columns"]


def test_a_start_is_asked_for_where_it_is_declared(providers: Providers) -> None:
    request = CAPACITY.request.model_copy(update={"start": "2026-01"})
    source = CAPACITY.model_copy(update={"request": request})
    read_text(source, over_loopback(providers, source))
    assert providers.asked("energidataservice")[1].query["start"] == "2026-01"


def test_the_stamp_is_the_last_update(providers: Providers) -> None:
    access = over_loopback(providers, CAPACITY)
    first = energidataservice.look(CAPACITY, access)
    assert energidataservice.look(CAPACITY, access).stamp == first.stamp
    providers.fail("energidataservice", META, faults.with_fields({"lastDataUpdate": faults.OLD}))
    second = energidataservice.look(CAPACITY, access)
    assert second.stamp != first.stamp
    assert second.provider_updated_at == faults.OLD


def test_a_retired_data_set_answers_200_and_is_told_to_be_retired(providers: Providers) -> None:
    access = over_loopback(providers, CAPACITY)
    assert energidataservice.look(CAPACITY, access).is_active
    providers.fail("energidataservice", META, faults.retired())
    assert not energidataservice.look(CAPACITY, access).is_active


def test_an_unknown_data_set_is_answered_with_204_and_told_by_name(providers: Providers) -> None:
    source = CAPACITY.model_copy(update={"table": "CapacityPerParish"})
    error = refusal(source, over_loopback(providers, source))
    assert error.code == "dataset-unknown"
    assert "no data set CapacityPerParish" in error.message
    assert asked(providers, DATA) == 0


def test_a_data_set_that_vanishes_after_the_look_is_told_in_the_providers_words(
    providers: Providers,
) -> None:
    failing(providers, lambda _: text_answer("dataset not found CapacityPerMunicipality", 404))
    error = refusal(CAPACITY, over_loopback(providers, CAPACITY))
    assert isinstance(error, ProviderError)
    assert "dataset not found CapacityPerMunicipality" in error.message


def test_an_unknown_column_is_told_in_the_providers_words(providers: Providers) -> None:
    columns = [
        *CAPACITY.columns[:-1],
        CAPACITY.columns[-1].model_copy(update={"provider_name": "X"}),
    ]
    source = CAPACITY.model_copy(update={"columns": columns})
    error = refusal(source, over_loopback(providers, source))
    assert "Invalid column X" in error.message


def test_too_many_requests_with_status_200_is_waited_for(providers: Providers) -> None:
    failing(providers, faults.rate_limited_in_200(1), times=1)
    assert len(read_text(CAPACITY, over_loopback(providers, CAPACITY))) == 98
    first, second = (
        s.time for s in providers.asked("energidataservice") if s.path.startswith(DATA)
    )
    assert second - first >= 1


def test_too_many_requests_with_status_200_is_given_up_after_one_wait(
    providers: Providers,
) -> None:
    failing(providers, faults.rate_limited_in_200(0))
    error = refusal(CAPACITY, over_loopback(providers, CAPACITY))
    assert error.code == "http-rate-limited"
    assert asked(providers, DATA) == 2


def test_too_long_a_wait_with_status_200_is_given_up_at_once(
    providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST_WAIT_SECONDS", 10)
    failing(providers, faults.rate_limited_in_200(210))
    error = refusal(CAPACITY, over_loopback(providers, CAPACITY))
    assert "wait 210 seconds" in error.message
    assert asked(providers, DATA) == 1


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"statusCode":429,"message":"Rate limit is exceeded. Try again in 7 seconds."}', 7.0),
        (b'{ "statusCode": 429, "message": "Rate limit is exceeded." }', 60.0),
        (b'{"statusCode":500,"message":"in 7 seconds"}', None),
        (b'{"total":429,"records":[]}', None),
    ],
)
def test_the_wait_is_read_from_the_message(body: bytes, seconds: float | None) -> None:
    assert energidataservice.rate_limited(body) == seconds


@pytest.mark.parametrize("difference", [1, -1, 1000])
def test_a_total_that_differs_from_the_records_is_refused(
    providers: Providers, difference: int
) -> None:
    failing(providers, faults.wrong_total(difference))
    error = refusal(CAPACITY, over_loopback(providers, CAPACITY))
    assert (error.code, error.state) == ("answer-short", "quarantined")
    assert f"total says {98 + difference}, but 98 records came" in error.message


def test_records_cut_off_under_the_old_total_are_refused(providers: Providers) -> None:
    def cut(payload: Any) -> Any:
        return {**payload, "records": payload["records"][:50]}

    failing(providers, on_json(cut))
    assert refusal(CAPACITY, over_loopback(providers, CAPACITY)).code == "answer-short"


def test_no_records_at_all_are_refused(providers: Providers) -> None:
    failing(providers, faults.truncated(0))
    assert refusal(CAPACITY, over_loopback(providers, CAPACITY)).code == "answer-empty"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param(faults.html(), "answer-html", id="web page"),
        pytest.param(faults.empty(), "answer-empty", id="empty"),
        pytest.param(faults.latin1(), "answer-json", id="latin-1"),
        pytest.param(lambda a: replace(a, body=a.body[:-10]), "answer-json", id="cut"),
        pytest.param(on_json(lambda _: []), "answer-shape", id="a list"),
        pytest.param(on_json(lambda _: {"total": 0}), "answer-shape", id="no records"),
        pytest.param(on_json(lambda _: {"records": ["x"]}), "answer-shape", id="no objects"),
        pytest.param(
            on_json(lambda _: {"records": [{}], "total": "?"}), "answer-short", id="odd total"
        ),
    ],
)
def test_an_answer_in_another_form_is_refused(
    providers: Providers, fault: Fault, code: str
) -> None:
    if code == "answer-json":
        name = on_rows(lambda rows: [{**row, "MunicipalityNo": "Ærø"} for row in rows])
        failing(providers, name, fault)
    else:
        failing(providers, fault)
    error = refusal(CAPACITY, over_loopback(providers, CAPACITY))
    assert isinstance(error, AnswerError)
    assert error.code == code


def nulled(column: str) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [{**rows[0], column: None}, *rows[1:]]


def test_a_null_is_kept_as_missing_with_its_reason(providers: Providers) -> None:
    failing(providers, on_rows(nulled("SolarPowerCapacity")))
    frame = cast_text(CAPACITY, read_text(CAPACITY, over_loopback(providers, CAPACITY))).frame
    assert frame["solar_mw"].isna().sum() == 1
    assert frame["solar_mw_missing"].dropna().to_list() == ["empty"]


def test_zero_is_not_missing() -> None:
    assert parsed({"records": [{"a": 0, "b": None, "c": False}]}).iloc[0].to_list() == [
        "0",
        "",
        "False",
    ]


def test_a_value_absent_from_one_record_is_missing_and_not_shifted() -> None:
    frame = parsed({"total": 2, "records": [{"a": 1, "b": 2}, {"b": 3}]})
    assert frame.to_dict("records") == [{"a": "1", "b": "2"}, {"a": "", "b": "3"}]


def test_numbers_are_never_rounded_on_the_way() -> None:
    frame = parsed(b'{"records":[{"a":0.1000000000000000055,"b":12345678901234567890}]}')
    assert frame.iloc[0].to_list() == ["0.1000000000000000055", "12345678901234567890"]


def test_raw_newlines_inside_a_description_are_read(providers: Providers) -> None:
    def broken(answer: Any) -> Any:
        body = answer.body.replace(b'"datasetName"', b'"comment":"two\nlines\r\n","datasetName"')
        return replace(answer, body=body.replace(b"{", b'{"note":"two\nlines",', 1))

    providers.fail("energidataservice", META, broken)
    look = energidataservice.look(CAPACITY, over_loopback(providers, CAPACITY))
    assert look.detail["note"] == "two\nlines"


def test_numbers_that_are_no_municipality_are_set_aside_and_counted(providers: Providers) -> None:
    failing(providers, faults.unknown_municipality("999"))
    result = cast_text(CAPACITY, read_text(CAPACITY, over_loopback(providers, CAPACITY)))
    assert result.findings == ()
    assert (result.rows_read, len(result.frame), result.rows_set_aside) == (99, 98, 1)


def test_the_request_that_is_kept_can_be_repeated(providers: Providers) -> None:
    answer = look_and_fetch(CAPACITY, over_loopback(providers, CAPACITY))[1]
    assert answer.url == f"{providers.energidataservice_url}/dataset/CapacityPerMunicipality"
    assert answer.request["params"] == dict(providers.asked("energidataservice")[1].query)
