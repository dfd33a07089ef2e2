"""Statistics Denmark's StatBank: ``/tables``, ``/tableinfo`` and ``/data`` as CSV and BULK.

Other formats are answered like an invalid one. Period codes are accepted in either spelling
(``2022K1``, ``2022Q1``) and answered in the spelling of the language.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ingestion.snapshot import statbank_messages as messages
from ingestion.snapshot.protocol import Answer, Request, json_answer
from ingestion.snapshot.statbank_extract import CELL_LIMIT, extract
from ingestion.snapshot.statbank_messages import StatBankError
from ingestion.snapshot.statbank_tables import load_table
from ingestion.snapshot.storage import COMPILED, read_json

LANGUAGES = ("da", "en")


def answer(request: Request, cell_limit: int = CELL_LIMIT) -> Answer:
    """What StatBank answers; ``cell_limit`` bounds the formats that are not streamed."""
    language = "da"
    try:
        asked = _asked(request)
        language = asked["lang"] if asked.get("lang") in LANGUAGES else "da"
        return _route(request, asked, language, cell_limit)
    except StatBankError as error:
        return json_answer(
            {"errorTypeCode": error.code, "message": error.text(language)}, error.status
        )


def _asked(request: Request) -> Mapping[str, Any]:
    """The parameters, from the body of a POST or the address of a GET."""
    if request.method != "POST":
        return request.query
    if not request.body.strip():
        return {}
    try:
        asked = json.loads(request.body)
    except ValueError as error:
        raise messages.not_json() from error
    if not isinstance(asked, dict):
        raise messages.not_json()
    return asked


def _route(request: Request, asked: Mapping[str, Any], language: str, cell_limit: int) -> Answer:
    match request.path.strip("/").split("/"):
        case ["tables"]:
            return json_answer(_catalogue(asked, language))
        case ["tableinfo"]:
            return _describe(asked.get("table"), asked, language)
        case ["tableinfo", table]:
            return _describe(table, asked, language)
        case ["data"] if request.method == "POST":
            return extract(asked, language, cell_limit)
    raise messages.no_such_page()


def _catalogue(asked: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """All tables, or those updated in the days before the snapshot was compiled."""
    tables: list[dict[str, Any]] = read_json(f"statbank/tables.{language}.json")
    days = asked.get("pastdays")
    if not days:
        return tables
    since = (datetime.fromisoformat(COMPILED) - timedelta(days=int(days))).isoformat()
    return [table for table in tables if table["updated"] >= since]


def _describe(table: object, asked: Mapping[str, Any], language: str) -> Answer:
    if str(asked.get("format", "JSON")).upper() != "JSON":
        raise messages.format_missing()
    return json_answer(load_table(table, language).info)
