"""The snapshot's protocols as clients meet them."""

import json
from typing import Any

import pytest
import requests

from ingestion.snapshot import statbank
from ingestion.snapshot.adapter import SnapshotAdapter
from ingestion.snapshot.protocol import Request

from .offline import (
    ENERGI,
    KLIMA,
    STATBANK,
    ask,
    everything,
    klima_rows,
    offline_session,
    rows,
    selecting,
)

TABLES = ("FOLK1A", "FOLK1AM", "ARE207", "BIL707", "BIL54", "BOL102", "LABY25")
BOM = b"\xef\xbb\xbf"


@pytest.fixture
def session() -> requests.Session:
    return offline_session()


def refusal(response: requests.Response) -> tuple[int, str, str]:
    payload = response.json()
    return response.status_code, payload["errorTypeCode"], payload["message"]


def test_csv_form(session: requests.Session) -> None:
    response = ask(session, "FOLK1A", variables=everything("FOLK1A"))
    assert response.content.startswith(BOM + "OMRÅDE;KØN;ALDER;CIVILSTAND;TID;INDHOLD\r\n".encode())
    assert response.content.endswith(b"\r\n")
    assert int(response.headers["Content-Length"]) == len(response.content)
    assert len(rows(response)) == 105 * 5


def test_bulk_leaves_out_the_suppressed_value_and_csv_states_it(session: requests.Session) -> None:
    whole = rows(ask(session, "BIL54", variables=everything("BIL54")))
    bulk = ask(session, "BIL54", format="BULK", variables=everything("BIL54"))
    assert not bulk.content.startswith(BOM)
    assert len(whole) == 98 * 5
    assert {row["INDHOLD"] for row in whole if row["DRIV"] == "20231"} == {"0"}
    assert rows(bulk) == [row for row in whole if row["INDHOLD"] != "0"]
    assert len(rows(bulk)) < len(whole)


def test_missing_markers_come_in_both_formats(session: requests.Session) -> None:
    christianso = selecting(OMRÅDE=["411"], Tid=["*"])
    as_csv = [r["INDHOLD"] for r in rows(ask(session, "ARE207", variables=christianso))]
    as_bulk = [
        r["INDHOLD"] for r in rows(ask(session, "ARE207", format="BULK", variables=christianso))
    ]
    assert as_csv == ["0.40"] * 4 + [".."] * 4 + ["0.00"] * 12
    assert as_bulk == ["0.40"] * 4 + [".."] * 4


def test_bulk_needs_every_variable(session: requests.Session) -> None:
    asked = selecting(OMRÅDE=["*"], Tid=["*"])
    assert refusal(ask(session, "FOLK1A", format="BULK", lang="da", variables=asked)) == (
        400,
        "EXTRACT-NOTALLOWED",
        "Der skal vælges værdier for variabel: KØN",
    )


def test_bulk_refuses_an_order_of_time(session: requests.Session) -> None:
    asked = {"format": "BULK", "timeOrder": "Ascending", "variables": everything("ARE207")}
    code = refusal(ask(session, "ARE207", **asked))[1]
    assert code == "EXTRACT-STREAMINGTIMESORT"


def test_time_can_be_turned_round_in_csv(session: requests.Session) -> None:
    asked = selecting(OMRÅDE=["101"], Tid=["(-n+3)"])
    served = rows(ask(session, "ARE207", timeOrder="Descending", variables=asked))
    assert [row["TID"] for row in served] == ["2026", "2025", "2024"]


def test_a_variable_left_out_is_eliminated(session: requests.Session) -> None:
    total = rows(ask(session, "FOLK1A", variables=selecting(Tid=["2022Q1"])))
    assert total == [{"TID": "2022Q1", "INDHOLD": "5873420"}]
    summed = rows(ask(session, "BOL102", variables=selecting(BEBO=["1000"], Tid=["2026"])))
    by_area = rows(
        ask(session, "BOL102", variables=selecting(AMT=["*"], BEBO=["1000"], Tid=["2026"]))
    )
    assert int(summed[0]["INDHOLD"]) == sum(int(row["INDHOLD"]) for row in by_area)


@pytest.mark.parametrize(
    ("table", "left_out"),
    [("BIL707", "BILTYPE"), ("BIL54", "BRUG"), ("ARE207", "Tid"), ("LABY25", "KOMGRP")],
)
def test_what_cannot_be_eliminated_must_be_named(
    session: requests.Session, table: str, left_out: str
) -> None:
    asked = [given for given in everything(table) if given["code"] != left_out]
    message = f"Values must be selected for variable: {left_out}"
    assert refusal(ask(session, table, variables=asked)) == (400, "EXTRACT-NOTALLOWED", message)


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ([">=2026M01"], ["2026M01", "2026M02"]),
        (["<=2021M11"], ["2021M10", "2021M11"]),
        ([">=2021M12<=2022M02"], ["2021M12", "2022M01", "2022M02"]),
        (["(1)"], ["2026M02"]),
        (["(2)"], ["2026M01"]),
        (["(-n+2)"], ["2026M01", "2026M02"]),
        (["2022M0?"], [f"2022M0{month}" for month in range(1, 10)]),
        (["*M02"], [f"{year}M02" for year in range(2022, 2027)]),
        (["2023M05", "2022M01", "2023M05"], ["2022M01", "2023M05"]),
    ],
)
def test_time_selections(
    session: requests.Session, patterns: list[str], expected: list[str]
) -> None:
    asked = selecting(OMRÅDE=["101"], Tid=patterns)
    assert [row["TID"] for row in rows(ask(session, "FOLK1AM", variables=asked))] == expected


def test_codes_by_pattern(session: requests.Session) -> None:
    asked = selecting(OMRÅDE=["08?", "000"], Tid=["2026"])
    served = {
        row["OMRÅDE"]: row["INDHOLD"] for row in rows(ask(session, "ARE207", variables=asked))
    }
    assert set(served) == {"000", "081", "082", "083", "084", "085"}
    assert served["000"] == "42956.70"


def test_cell_limit_counts_rows_times_columns() -> None:
    body = {"table": "FOLK1AM", "format": "CSV", "lang": "da", "variables": everything("FOLK1AM")}
    request = Request("POST", "/data", body=json.dumps(body).encode())
    cells = 105 * 53 * 5
    assert statbank.answer(request, cell_limit=cells).status == 200
    refused = statbank.answer(request, cell_limit=cells - 1)
    payload = json.loads(refused.body)
    assert (refused.status, payload["errorTypeCode"]) == (400, "REQUEST-LIMIT")
    assert payload["message"] == (
        "Forespørgslen på op mod 27.825 celler er over begrænsningen på 27.824 celler for denne"
        " filtype. Anvend BULK eller andet streaming format i stedet."
    )
    bulk = json.dumps({**body, "format": "BULK"}).encode()
    assert statbank.answer(Request("POST", "/data", body=bulk), cell_limit=1).status == 200


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("data", {}, (400, "REQUEST-MISSING", "Format ikke angivet, eller ikke gyldigt.")),
        (
            "data",
            {"format": "NONE", "table": "ARE207"},
            (400, "REQUEST-MISSING", "Format ikke angivet, eller ikke gyldigt."),
        ),
        (
            "data",
            {"format": "CSV"},
            (400, "REQUEST-MISSING", "Der er ikke angivet nogen tabel-id."),
        ),
        (
            "data",
            {"format": "CSV", "table": "INVALIDTABLE999"},
            (400, "EXTRACT-NOTFOUND", "Tabel findes ikke: INVALIDTABLE999"),
        ),
        (
            "data",
            {
                "format": "CSV",
                "table": "ARE207",
                "variables": selecting(Tid=["*"], INVALIDVAR=["*"]),
            },
            (400, "EXTRACT-NOTFOUND", "Kan ikke finde variablen: INVALIDVAR"),
        ),
        (
            "data",
            {
                "format": "CSV",
                "table": "ARE207",
                "variables": selecting(OMRÅDE=["999999"], Tid=["*"]),
            },
            (400, "EXTRACT-NOTFOUND", "Kan ikke finde værdien: 999999 (OMRÅDE)"),
        ),
        (
            "data",
            {
                "format": "CSV",
                "table": "BIL54",
                "lang": "en",
                "variables": selecting(Tid=[">=2030M01"]),
            },
            (400, "EXTRACT-NOTALLOWED", "Values must be selected for variable: BILTYPE"),
        ),
        (
            "tableinfo",
            {"table": "NOPE", "lang": "en"},
            (400, "EXTRACT-NOTFOUND", "Table does not exist: NOPE"),
        ),
        ("nowhere", {}, (404, "REQUEST-NOTFOUND", "Siden kan ikke findes. / Page not found.")),
    ],
)
def test_refusals(
    session: requests.Session, path: str, body: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert refusal(session.post(f"{STATBANK}/{path}", json=body)) == expected


def test_a_body_that_is_no_json(session: requests.Session) -> None:
    response = session.post(f"{STATBANK}/data", data=b"{not json")
    assert refusal(response)[:2] == (400, "REQUEST-EMPTY")


def test_languages(session: requests.Session) -> None:
    asked = selecting(OMRÅDE=["101"], Tid=["2022K1"])
    english = ask(session, "FOLK1A", variables=asked, valuePresentation="Value")
    danish = ask(session, "FOLK1A", lang="da", variables=asked, valuePresentation="Value")
    assert rows(english) == [{"OMRÅDE": "Copenhagen", "TID": "2022Q1", "INDHOLD": "644431"}]
    assert rows(danish) == [{"OMRÅDE": "København", "TID": "2022K1", "INDHOLD": "644431"}]
    area = selecting(OMRÅDE=["101"], Tid=["2026"])
    assert rows(ask(session, "ARE207", lang="da", variables=area))[0]["INDHOLD"] == "90,90"
    assert rows(ask(session, "ARE207", variables=area))[0]["INDHOLD"] == "90.90"


@pytest.mark.parametrize("table", TABLES)
def test_table_descriptions(session: requests.Session, table: str) -> None:
    english, danish = (
        session.post(f"{STATBANK}/tableinfo", json={"table": table, "lang": language}).json()
        for language in ("en", "da")
    )
    assert english == session.get(f"{STATBANK}/tableinfo/{table}?lang=en&format=JSON").json()
    assert english == session.get(f"{STATBANK}/tableinfo?table={table}&lang=en").json()
    assert list(english) == list(danish)
    for one, other in zip(english["variables"], danish["variables"], strict=True):
        assert (one["id"], len(one["values"])) == (other["id"], len(other["values"]))
        assert one["time"] == (one["id"] == "Tid")
    assert english["suppressedDataValue"] == "0"
    assert english["active"] is True


def test_the_catalogue(session: requests.Session) -> None:
    everything_held = session.post(f"{STATBANK}/tables", json={"lang": "en"}).json()
    assert {table["id"] for table in everything_held} == set(TABLES)
    recent = session.post(f"{STATBANK}/tables", json={"lang": "en", "pastdays": 300}).json()
    assert {table["id"] for table in recent} == set(TABLES) - {"FOLK1A", "LABY25"}


def test_get_carries_a_tag_and_honours_it(session: requests.Session) -> None:
    address = f"{ENERGI}/meta/dataset/CapacityPerMunicipality"
    tag = session.get(address).headers["ETag"]
    again = session.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_answers_can_be_streamed(session: requests.Session) -> None:
    body = {"table": "ARE207", "format": "BULK", "lang": "en", "variables": everything("ARE207")}
    with session.post(f"{STATBANK}/data", json=body, stream=True) as response:
        chunks = list(response.iter_content(1024))
    assert len(chunks) > 10
    assert max(map(len, chunks)) <= 1024


def test_dataset_default_limit_is_100_unless_start_is_given(session: requests.Session) -> None:
    address = f"{ENERGI}/dataset/CapacityPerMunicipality"
    assert session.get(address).json()["limit"] == 100
    given = session.get(address, params={"start": "2025-01", "limit": "5", "offset": "96"}).json()
    assert (given["total"], given["limit"], len(given["records"])) == (98, 5, 2)
    assert session.get(address, params={"start": "2025-01"}).json()["limit"] == 0


@pytest.mark.parametrize(
    ("start", "end", "number"),
    [
        ("2026-01", "2026-02", 98),
        ("2026-01-01T00:00", "", 98),
        ("2026-01-02", "", 0),
        ("", "2026-01-01", 0),
    ],
)
def test_dataset_bounds(session: requests.Session, start: str, end: str, number: int) -> None:
    address = f"{ENERGI}/dataset/CapacityPerMunicipality"
    payload = session.get(address, params={"start": start, "end": end, "limit": "0"}).json()
    assert payload["total"] == len(payload["records"]) == number


def test_dataset_filter_sort_columns(session: requests.Session) -> None:
    params = {
        "filter": '{"MunicipalityNo":["101","580"]}',
        "sort": "Month asc,MunicipalityNo desc",
        "columns": "MunicipalityNo,SolarPowerCapacity",
        "timezone": "UTC",
    }
    payload = session.get(f"{ENERGI}/dataset/CapacityPerMunicipality", params=params).json()
    assert [record["MunicipalityNo"] for record in payload["records"]] == ["580", "101"]
    assert list(payload["records"][0]) == ["MunicipalityNo", "SolarPowerCapacity"]
    assert list(payload) == ["total", "limit", "filters", "sort", "dataset", "records"]


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("dataset/Nope", 404, "dataset not found Nope"),
        ("dataset/CapacityPerMunicipality?columns=Nope", 400, "Invalid column Nope"),
        ("dataset/CapacityPerMunicipality?sort=Nope", 400, "Invalid column Nope"),
        ("dataset/CapacityPerMunicipality?start=soon", 400, "Invalid start soon"),
        ("meta/dataset/Nope", 204, ""),
    ],
)
def test_dataset_refusals(session: requests.Session, path: str, status: int, text: str) -> None:
    response = session.get(f"{ENERGI}/{path}")
    assert (response.status_code, response.text) == (status, text)


def test_dataset_description(session: requests.Session) -> None:
    meta = session.get(f"{ENERGI}/meta/dataset/CapacityPerMunicipality").json()
    record = session.get(f"{ENERGI}/dataset/CapacityPerMunicipality?limit=1").json()["records"][0]
    assert [column["dbColumn"] for column in meta["columns"]] == list(record)
    assert meta["active"] is True
    assert meta["lastDataUpdate"]


def test_klimaregnskabet_refuses_without_a_key(session: requests.Session) -> None:
    response = session.get(
        KLIMA, params={"municipality": "580", "year": "2023", "type": "Nøgletal"}
    )
    assert response.status_code == 401
    assert "x-api-key" in response.json()["message"]


@pytest.mark.parametrize(("municipality", "year"), [("580", "2024"), ("999", "2023")])
def test_klimaregnskabet_has_no_rows_where_it_has_no_figures(
    session: requests.Session, municipality: str, year: str
) -> None:
    assert klima_rows(session, municipality, year) == []


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(ValueError, match="The snapshot holds statbank"):
        SnapshotAdapter("eurostat", "https://example.org")
