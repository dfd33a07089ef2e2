"""The loopback providers: that they answer like the snapshot, and that every fault is felt."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from . import faults
from .server import Providers, running

INFO = {"table": "ARE207", "lang": "en"}
DATA = {
    "table": "ARE207",
    "format": "CSV",
    "lang": "en",
    "valuePresentation": "Code",
    "variables": [
        {"code": "OMRÅDE", "values": ["101", "411", "860"]},
        {"code": "Tid", "values": [">=2023"]},
    ],
}
HEADER = "OMRÅDE;TID;INDHOLD"


def data(providers: Providers, **options: Any) -> requests.Response:
    return requests.post(f"{providers.statbank_url}/data", json=DATA, timeout=5, **options)


def lines(response: requests.Response) -> list[str]:
    return response.content.decode("utf-8-sig").splitlines()


def capacity(providers: Providers) -> dict[str, Any]:
    address = f"{providers.energidataservice_url}/dataset/CapacityPerMunicipality?limit=0"
    payload: dict[str, Any] = requests.get(address, timeout=5).json()
    return payload


def meta(providers: Providers) -> dict[str, Any]:
    address = f"{providers.energidataservice_url}/meta/dataset/CapacityPerMunicipality"
    payload: dict[str, Any] = requests.get(address, timeout=5).json()
    return payload


def test_all_three_answer_and_are_recorded(providers: Providers) -> None:
    assert len(lines(data(providers))) == 1 + 3 * 4
    assert capacity(providers)["total"] == 98
    params = {"municipality": "580", "year": "2023", "type": "Nøgletal"}
    answer = requests.get(
        providers.klimaregnskabet_url, params=params, headers={"x-api-key": "k"}, timeout=5
    )
    assert len(answer.json()["data"]) == 9
    assert [(seen.provider, seen.method, seen.path) for seen in providers.requests] == [
        ("statbank", "POST", "/data"),
        ("energidataservice", "GET", "/dataset/CapacityPerMunicipality"),
        ("klimaregnskabet", "GET", ""),
    ]
    assert json.loads(providers.requests[0].body) == DATA
    assert providers.requests[2].query == params


@pytest.mark.parametrize("code", [500, 503, 404])
def test_status(providers: Providers, code: int) -> None:
    providers.fail("statbank", "/data", faults.status(code))
    assert data(providers).status_code == code


def test_a_fault_can_be_counted_matched_and_healed(providers: Providers) -> None:
    providers.fail("statbank", "ARE207", faults.status(503), times=2)
    assert [data(providers).status_code for _ in range(3)] == [503, 503, 200]
    providers.fail("statbank", lambda request: request.path == "/tables", faults.status(500))
    assert data(providers).status_code == 200
    providers.fail("statbank", None, faults.status(500))
    providers.heal("statbank")
    assert data(providers).status_code == 200


@pytest.mark.parametrize("as_date", [False, True])
def test_rate_limited(providers: Providers, as_date: bool) -> None:
    providers.fail("energidataservice", None, faults.rate_limited(7, as_date=as_date))
    answer = requests.get(f"{providers.energidataservice_url}/dataset/X", timeout=5)
    assert answer.status_code == 429
    told = answer.headers["Retry-After"]
    assert told.endswith("GMT") if as_date else told == "7"
    assert answer.json()["message"] == "Rate limit is exceeded. Try again in 7 seconds."


def test_rate_limited_in_200(providers: Providers) -> None:
    providers.fail("energidataservice", None, faults.rate_limited_in_200(7))
    assert capacity(providers)["statusCode"] == 429


def test_hang_ends_with_the_providers() -> None:
    with running() as providers:
        providers.fail("statbank", None, faults.hang())
        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.post(f"{providers.statbank_url}/data", json=DATA, timeout=0.2)
        before = time.monotonic()
    assert time.monotonic() - before < 3


@pytest.mark.parametrize("fault", [faults.reset_mid_body(), faults.short_body()])
def test_broken_bodies(providers: Providers, fault: faults.Fault) -> None:
    providers.fail("statbank", None, fault, times=1)
    with pytest.raises(
        (requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)
    ):
        data(providers)
    assert data(providers).status_code == 200


def test_down_and_up_at_the_same_address(providers: Providers) -> None:
    session = requests.Session()
    address = f"{providers.statbank_url}/tableinfo"
    assert session.post(address, json=INFO, timeout=5).status_code == 200
    providers.down("statbank")
    with pytest.raises(requests.exceptions.ConnectionError):
        session.post(address, json=INFO, timeout=5)
    providers.up("statbank")
    assert session.post(address, json=INFO, timeout=5).status_code == 200


def test_redirect_loop(providers: Providers) -> None:
    providers.fail("statbank", None, faults.redirect_loop())
    with pytest.raises(requests.exceptions.TooManyRedirects):
        data(providers)
    assert {seen.path for seen in providers.requests} == {"/data"}


def test_gzip_bomb_is_small_on_the_wire(providers: Providers) -> None:
    providers.fail("statbank", None, faults.gzip_bomb(50_000_000))
    with data(providers, stream=True) as answer:
        assert int(answer.headers["Content-Length"]) < 200_000
        assert sum(map(len, answer.iter_content(1 << 16))) == 50_000_000


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        (faults.html(), lambda text: text.startswith("<!DOCTYPE html>")),
        (faults.empty(), lambda text: text == ""),
    ],
)
def test_bodies_that_are_no_data(
    providers: Providers, fault: faults.Fault, check: Callable[[str], bool]
) -> None:
    providers.fail("statbank", None, fault)
    answer = data(providers)
    assert answer.status_code == 200
    assert check(answer.text)


def test_latin1(providers: Providers) -> None:
    providers.fail("statbank", None, faults.latin1())
    with pytest.raises(UnicodeDecodeError):
        data(providers).content.decode("utf-8")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (faults.truncated(), [HEADER, "101;2023;90.10"]),
        (faults.duplicated_rows(1), [HEADER, "101;2023;90.10", "101;2024;90.90"]),
        (faults.renamed_column("TID", "TIME"), ["OMRÅDE;TIME;INDHOLD", "101;2023;90.10"]),
        (faults.missing_column("TID"), ["OMRÅDE;INDHOLD", "101;90.10"]),
        (faults.extra_column(), ["NEW;OMRÅDE;TID;INDHOLD", "1;101;2023;90.10"]),
        (faults.decimal_commas(), [HEADER, "101;2023;90,10"]),
        (faults.magnified(), [HEADER, "101;2023;90100.0"]),
    ],
)
def test_faults_of_tables(providers: Providers, fault: faults.Fault, expected: list[str]) -> None:
    providers.fail("statbank", "/data", fault)
    assert lines(data(providers))[: len(expected)] == expected


def test_row_counts_of_faults(providers: Providers) -> None:
    for fault, number in (
        (faults.truncated(), 6),
        (faults.duplicated_rows(), 24),
        (faults.unknown_municipality(), 13),
    ):
        providers.fail("statbank", None, fault, times=1)
        assert len(lines(data(providers))) == 1 + number
    providers.fail("statbank", None, faults.unknown_municipality())
    assert lines(data(providers))[-1].startswith("999;2026;")


def test_faults_of_tables_work_on_json_too(providers: Providers) -> None:
    providers.fail("energidataservice", "/dataset", faults.truncated(), times=1)
    cut = capacity(providers)
    assert cut["total"] == len(cut["records"]) == 49
    honest = capacity(providers)["records"][0]
    providers.fail("energidataservice", "/dataset", faults.magnified(), times=1)
    assert capacity(providers)["records"][0]["SolarPowerCapacity"] == pytest.approx(
        honest["SolarPowerCapacity"] * 1000
    )
    providers.fail("energidataservice", "/dataset", faults.decimal_commas(), times=1)
    assert capacity(providers)["records"][0]["SolarPowerCapacity"] == "34,9"
    providers.fail("energidataservice", "/dataset", faults.wrong_total(), times=1)
    assert capacity(providers)["total"] == 99


def test_retired_and_frozen(providers: Providers) -> None:
    providers.fail("energidataservice", None, faults.retired(), times=1)
    assert meta(providers)["active"] is False
    providers.fail("energidataservice", None, faults.frozen())
    assert {meta(providers)[name] for name in ("dataTo", "lastDataUpdate")} == {faults.OLD}
    assert capacity(providers)["total"] == 98


def test_new_release(providers: Providers) -> None:
    stamp = "2026-11-20T08:00:00"
    providers.fail("statbank", "ARE207", faults.new_release(stamp))
    info = requests.post(f"{providers.statbank_url}/tableinfo", json=INFO, timeout=5).json()
    assert info["updated"] == stamp
    assert lines(data(providers))[1:3] == ["101;2023;91.10", "101;2024;90.90"]
    honest = capacity(providers)["records"][0]
    providers.fail("energidataservice", None, faults.new_release(stamp, lambda _: "41.5"))
    assert meta(providers)["lastDataUpdate"] == stamp
    changed = capacity(providers)["records"][0]
    assert {name for name in honest if honest[name] != changed[name]} == {"OffshoreWindCapacity"}
    assert changed["OffshoreWindCapacity"] == 41.5


def test_faults_compose(providers: Providers) -> None:
    providers.fail("statbank", "/data", faults.truncated(), faults.magnified(1000))
    assert lines(data(providers))[1] == "101;2023;90100.0"
    assert len(lines(data(providers))) == 1 + 6


def test_danish_answer_to_an_english_question(providers: Providers) -> None:
    providers.mishear("statbank", None, faults.in_danish)
    assert lines(data(providers))[1] == "101;2023;90,10"
    info = requests.post(f"{providers.statbank_url}/tableinfo", json=INFO, timeout=5).json()
    assert info["text"] == "Areal 1. januar"


def test_cell_limit_can_be_lowered() -> None:
    with running(cell_limit=30) as providers:
        assert data(providers).json()["errorTypeCode"] == "REQUEST-LIMIT"
