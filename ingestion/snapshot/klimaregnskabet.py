"""The Danish Energy Agency's Klimaregnskabet: one municipality and one year at a time.

Any non-empty key is accepted. ``værdi`` is served exactly as recorded.
"""

from typing import Any

from ingestion.snapshot.protocol import Answer, Request, json_answer, text_answer
from ingestion.snapshot.storage import read_json

FILE = "klimaregnskabet/noegletal.json"
SERVED_TYPE = "Nøgletal"


def answer(request: Request) -> Answer:
    """Answer ``GET ?municipality=&year=&type=``."""
    if request.path not in ("", "/") or request.method != "GET":
        return text_answer("Not found", 404)
    if not request.headers.get("x-api-key", "").strip():
        return json_answer({"message": "Unauthorized: x-api-key is missing."}, 401)
    missing = [name for name in ("municipality", "year", "type") if not request.query.get(name)]
    if missing:
        return json_answer({"message": f"Missing parameter: {', '.join(missing)}."}, 400)
    return json_answer({"data": _rows(request)})


def _rows(request: Request) -> list[dict[str, Any]]:
    """The rows of one municipality and year; none when the snapshot has no figures for it."""
    held = read_json(FILE)
    municipality = request.query["municipality"].lstrip("0")
    values = held["values"].get(municipality, {}).get(request.query["year"])
    if request.query["type"] != SERVED_TYPE or values is None:
        return []
    return [{**row, "værdi": value} for row, value in zip(held["rows"], values, strict=True)]
