"""A client of the snapshot, as the protocol tests use it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import requests

from ingestion.snapshot.adapter import SnapshotAdapter

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "ingestion" / "snapshot"
STATBANK = "https://api.statbank.dk/v1"
ENERGI = "https://api.energidataservice.dk"
KLIMA = "https://klimaregnskabet.dk/api/municipality-data"
KEY = {"x-api-key": "any"}


def offline_session() -> requests.Session:
    """A session whose requests to the three providers are answered from the snapshot."""
    started = requests.Session()
    for provider, address in (
        ("statbank", STATBANK),
        ("energidataservice", ENERGI),
        ("klimaregnskabet", KLIMA),
    ):
        started.mount(address, SnapshotAdapter(provider, address))
    return started


def ask(session: requests.Session, table: str, **changes: Any) -> requests.Response:
    body = {"table": table, "format": "CSV", "lang": "en", "valuePresentation": "Code"}
    return session.post(f"{STATBANK}/data", json={**body, **changes})


def selecting(**values: list[str]) -> list[dict[str, Any]]:
    return [{"code": code, "values": given} for code, given in values.items()]


def everything(table: str) -> list[dict[str, Any]]:
    info = json.loads((FOLDER / f"data/statbank/{table}/tableinfo.en.json").read_text("utf-8"))
    return [{"code": variable["id"], "values": ["*"]} for variable in info["variables"]]


def rows(response: requests.Response) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def klima_rows(session: requests.Session, municipality: str, year: str) -> list[dict[str, str]]:
    params = {"municipality": municipality, "year": year, "type": "Nøgletal"}
    response = session.get(KLIMA, params=params, headers=KEY)
    payload: dict[str, list[dict[str, str]]] = json.loads(
        response.text, parse_float=str, parse_int=str
    )
    return payload["data"]
