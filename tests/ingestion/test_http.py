"""The client over real HTTP: patient with what is transient, quick with what is not."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from ingestion import http
from ingestion.errors import AnswerError, ProviderError, SourceError
from ingestion.http import HttpClient, Pace, build_session, provider_words, require_not_html
from ingestion.snapshot.protocol import Answer, json_answer, text_answer
from tests.ingestion.reading import client, quick_session
from tests.providers import faults
from tests.providers.faults import Fault
from tests.providers.server import Providers

PATH = "/dataset/CapacityPerMunicipality"
MOST_REQUESTS = 8


def get(providers: Providers, by: HttpClient | None = None) -> bytes:
    return (by or client()).send("GET", providers.energidataservice_url + PATH, pace_key="data")


def failing(providers: Providers, *steps: Fault, times: int | None = None) -> None:
    providers.fail("energidataservice", PATH, *steps, times=times)


def refused(providers: Providers, by: HttpClient | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        get(providers, by)
    return caught.value


def asked(providers: Providers) -> int:
    return len(providers.asked("energidataservice"))


def answered(answer: Answer) -> Fault:
    return lambda _: answer


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "HTTP date"])
def test_retry_after_is_waited_for(providers: Providers, *, as_date: bool) -> None:
    failing(providers, faults.rate_limited(2 if as_date else 1, as_date=as_date), times=1)
    assert get(providers).startswith(b"{")
    first, second = (seen.time for seen in providers.asked("energidataservice"))
    assert second - first >= 0.9


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "HTTP date"])
def test_a_longer_wait_than_allowed_is_given_up_at_once_with_the_providers_words(
    providers: Providers, *, as_date: bool
) -> None:
    failing(providers, faults.rate_limited(3600, as_date=as_date))
    started = time.monotonic()
    error = refused(providers)
    assert time.monotonic() - started < 2
    assert asked(providers) == 1
    assert "Retry-After: " in error.message
    assert "Rate limit is exceeded. Try again in 3600 seconds." in error.message
    assert isinstance(error, ProviderError)


def test_the_allowed_wait_is_a_limit(providers: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LONGEST_WAIT_SECONDS", 1)
    failing(providers, faults.rate_limited(2), times=1)
    assert "Retry-After: 2" in refused(providers).message
    assert asked(providers) == 1


def test_a_retry_after_that_nobody_understands_is_refused(providers: Providers) -> None:
    answer = replace(text_answer("later", 429), headers={"Retry-After": "soon"})
    failing(providers, answered(answer))
    assert isinstance(refused(providers), ProviderError)
    assert asked(providers) == 1


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_passing_fault_is_asked_again(providers: Providers, code: int) -> None:
    failing(providers, faults.status(code), times=1)
    assert get(providers).startswith(b"{")
    assert asked(providers) == 2


def test_a_lasting_fault_is_given_up_with_the_providers_words(providers: Providers) -> None:
    failing(providers, faults.status(503, "Down for maintenance until noon"))
    error = refused(providers)
    assert error.code == "http-503"
    assert "Down for maintenance until noon" in error.message
    assert asked(providers) == 4


def test_the_pauses_between_retries_grow(
    providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(providers, faults.status(503))
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    refused(providers, HttpClient(build_session(), Pace(0)))
    first, second, third = slept[-3:] if len(slept) > 2 else [0.0, *slept[-2:]]
    assert first <= second < third <= 31


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 501])
def test_a_refusal_is_not_asked_again_and_its_words_are_kept(
    providers: Providers, code: int
) -> None:
    body = {"errorTypeCode": "EXTRACT-NOTFOUND", "message": "Tabel findes ikke: X"}
    failing(providers, answered(json_answer(body, code)))
    error = refused(providers)
    assert (error.code, error.state) == (f"http-{code}", "failed")
    assert "EXTRACT-NOTFOUND: Tabel findes ikke: X" in error.message
    assert asked(providers) == 1


def test_a_refusal_never_tells_the_query_of_the_address(providers: Providers) -> None:
    failing(providers, faults.status(404))
    url = providers.energidataservice_url + PATH
    with pytest.raises(ProviderError) as caught:
        client().send("GET", url, pace_key="data", params={"token": "secret"})
    assert "secret" not in caught.value.message


def test_a_provider_that_never_answers_is_given_up(
    providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", (1, 0.2))
    failing(providers, faults.hang())
    started = time.monotonic()
    error = refused(providers)
    assert time.monotonic() - started < 5
    assert error.code == "http-unreachable"
    assert "timed out" in error.message
    assert asked(providers) == 2


def test_a_provider_that_hangs_once_is_asked_again(
    providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", (1, 0.3))
    failing(providers, faults.hang(), times=1)
    assert get(providers).startswith(b"{")
    assert asked(providers) == 2


BREAKS = [
    pytest.param(faults.reset_mid_body(), id="reset mid-body"),
    pytest.param(faults.short_body(), id="short body"),
    pytest.param(faults.short_body(0), id="no body at all"),
]


@pytest.mark.parametrize("fault", BREAKS)
def test_a_body_that_breaks_off_once_is_fetched_again_whole(
    providers: Providers, fault: Fault
) -> None:
    whole = get(providers)
    failing(providers, fault, times=1)
    assert get(providers) == whole


@pytest.mark.parametrize("fault", BREAKS)
def test_a_body_that_always_breaks_off_is_never_taken_for_an_answer(
    providers: Providers, fault: Fault
) -> None:
    failing(providers, fault)
    assert refused(providers).code == "http-unreachable"
    assert asked(providers) <= MOST_REQUESTS


def test_a_body_that_is_not_the_gzip_it_says_is_refused(providers: Providers) -> None:
    failing(providers, lambda answer: replace(answer, headers={"Content-Encoding": "gzip"}))
    assert refused(providers).code == "http-unreachable"


def test_a_redirect_loop_is_given_up(providers: Providers) -> None:
    failing(providers, faults.redirect_loop())
    error = refused(providers)
    assert "redirects" in error.message
    assert asked(providers) <= MOST_REQUESTS


def test_a_gzip_bomb_is_stopped_while_it_unfolds(providers: Providers) -> None:
    failing(providers, faults.gzip_bomb(2_000_000_000))
    started = time.monotonic()
    error = refused(providers, client(max_bytes=1_000_000))
    assert time.monotonic() - started < 5
    assert isinstance(error, AnswerError)
    assert error.code == "answer-too-large"
    assert "over 1,000,000 bytes" in error.message
    assert asked(providers) == 1


def test_a_refused_connection_names_the_address(providers: Providers) -> None:
    providers.down("energidataservice")
    error = refused(providers)
    assert error.code == "http-unreachable"
    assert providers.energidataservice_url in error.message
    assert "refused" in error.message
    assert "stays in force" in error.hint


def test_a_name_that_does_not_resolve_is_a_providers_fault() -> None:
    with pytest.raises(ProviderError, match=r"nowhere\.invalid"):
        client().send("GET", "http://nowhere.invalid/x", pace_key="x")


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections into its queue and never speaks."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_that_never_speaks_is_given_up(
    silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", (0.2, 0.2))
    started = time.monotonic()
    with pytest.raises(ProviderError):
        client().send("GET", f"http://127.0.0.1:{silent_port}/", pace_key="x")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.status(503), id="503"),
        pytest.param(faults.rate_limited(0), id="429"),
        pytest.param(faults.reset_mid_body(), id="reset"),
        pytest.param(faults.short_body(), id="short"),
        pytest.param(faults.redirect_loop(), id="redirects"),
        pytest.param(faults.rate_limited_in_200(0), id="429 in 200"),
    ],
)
def test_no_fault_leads_to_more_requests_than_allowed(providers: Providers, fault: Fault) -> None:
    failing(providers, fault)
    with pytest.raises(SourceError):
        client().send(
            "GET",
            providers.energidataservice_url + PATH,
            pace_key="data",
            rate_limited=lambda body: 0.0 if b"429" in body[:99] else None,
        )
    assert 1 < asked(providers) <= MOST_REQUESTS


def test_requests_for_the_same_data_set_are_kept_apart(providers: Providers) -> None:
    paced = HttpClient(quick_session(), Pace(0.3))
    started = time.monotonic()
    for _ in range(3):
        get(providers, paced)
    assert time.monotonic() - started >= 2 * 0.3
    assert asked(providers) == 3


def test_requests_for_different_data_sets_need_not_wait_for_each_other() -> None:
    pace = Pace(30)
    started = time.monotonic()
    for key in ("a", "b", "c"):
        pace.wait(key)
    assert time.monotonic() - started < 1


def test_the_user_agent_names_the_project(providers: Providers) -> None:
    get(providers)
    assert "klimamonitor" in providers.requests[0].headers["user-agent"]


def test_a_post_sends_json_and_is_retried_whole(providers: Providers) -> None:
    providers.fail("statbank", None, faults.status(503), times=1)
    payload = {"table": "ARE207", "lang": "en"}
    url = f"{providers.statbank_url}/tableinfo"
    assert client().send("POST", url, pace_key="x", payload=payload).startswith(b'{"id":"ARE207"')
    first, second = providers.asked("statbank")
    assert first.body == second.body == b'{"table": "ARE207", "lang": "en"}'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"errorTypeCode":"REQUEST-LIMIT","message":"too many"}', "REQUEST-LIMIT: too many"),
        (b'{"statusCode":429,"message":"Rate limit"}', "Rate limit"),
        (b'{"error":"no"}', "no"),
        (b"dataset not found X", "dataset not found X"),
        (b"two\n  lines", "two lines"),
        (b"", "no message"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b'["a list"]', '["a list"]'),
    ],
)
def test_the_providers_words_are_found_in_every_form_of_refusal(body: bytes, words: str) -> None:
    assert provider_words(body) == words


def test_the_providers_words_are_cut_where_they_never_end() -> None:
    assert len(provider_words(b"x" * 100_000)) == 300


@pytest.mark.parametrize(
    "body",
    [b"<!DOCTYPE html><html>", b"\xef\xbb\xbf\r\n<HTML>", b"  <head>", b"<body>x"],
)
def test_a_web_page_is_no_data(body: bytes) -> None:
    with pytest.raises(AnswerError) as caught:
        require_not_html("here", body)
    assert caught.value.code == "answer-html"


@pytest.mark.parametrize("body", [b"", b"\r\n ", b"\xef\xbb\xbf"])
def test_an_empty_body_is_no_data(body: bytes) -> None:
    with pytest.raises(AnswerError) as caught:
        require_not_html("here", body)
    assert caught.value.code == "answer-empty"


def test_a_pause_grows_when_the_provider_says_too_many_and_a_told_wait_replaces_it() -> None:
    pace = http.Pace(0.02)
    pace.slow_down("x")
    assert pace.learned["x"] == pytest.approx(0.02 * 2 + http.FIRST_PAUSE)
    for _ in range(20):
        pace.slow_down("x")
    assert pace.learned["x"] == http.LONGEST_LEARNED_PAUSE
    pace.last["x"] = time.monotonic()
    pace.forget("x")
    started = time.monotonic()
    pace.wait("x")
    assert time.monotonic() - started < 0.5


def test_too_many_requests_slow_the_rest_of_the_run_down(providers: Providers) -> None:
    failing(providers, faults.rate_limited(1), times=1)
    client = http.HttpClient(http.build_session(), http.Pace(0.0))
    url = f"{providers.energidataservice_url}/dataset/CapacityPerMunicipality"
    client.send("GET", url, pace_key="x")
    assert client.pace.learned["x"] > 0


@pytest.mark.parametrize(("body", "is_whole"), [(b"a;b\r\n", True), (b"{}", True), (b"a;4", False)])
def test_a_body_that_only_the_end_of_the_connection_ends_must_end_like_a_whole_one(
    body: bytes, is_whole: bool
) -> None:
    response = requests.Response()
    response.url = "http://localhost/data"
    if is_whole:
        http.require_framed(response, body)
    else:
        with pytest.raises(ProviderError, match="stops in the middle"):
            http.require_framed(response, body)
    response.headers["Content-Length"] = str(len(body))
    http.require_framed(response, body)
