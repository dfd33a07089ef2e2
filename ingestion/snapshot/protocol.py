"""A request and an answer as the emulators see them: HTTP without a socket."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """What a client asks for.

    ``path`` is relative to the provider's base address and begins with ``/`` or is empty; the
    names in ``headers`` are in lower case.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What the provider answers: status, headers and the whole body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def json_answer(payload: Any, status: int = 200) -> Answer:
    """An answer in compact JSON, UTF-8."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, {"Content-Type": "application/json; charset=utf-8"}, body)


def text_answer(text: str, status: int = 200, media_type: str = "text/plain") -> Answer:
    """An answer in plain text, UTF-8."""
    return Answer(status, {"Content-Type": f"{media_type}; charset=utf-8"}, text.encode())
