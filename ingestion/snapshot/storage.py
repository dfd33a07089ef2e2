"""The snapshot's files, read when first asked for and kept."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
FILE_DROP = FOLDER / "data" / "file_drop"
COMPILED = "2026-11-24"


@cache
def read_text(path: str) -> str:
    """A data file's text with its line ends as stored; ``path`` is relative to ``data/``."""
    return (FOLDER / "data" / path).read_bytes().decode("utf-8")


@cache
def read_json(path: str) -> Any:
    """A data file's JSON. Shared between callers: never change what you get."""
    return json.loads(read_text(path))


def has_file(path: str) -> bool:
    """Whether the snapshot holds the data file."""
    return (FOLDER / "data" / path).is_file()


@cache
def _manifest() -> dict[str, Any]:
    """What the snapshot says of itself and of every data file."""
    told: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return told


def holds(source_id: str, provider: str, table: str) -> bool:
    """Whether the snapshot has what a source asks of a provider's table."""
    files = _manifest()["files"]
    is_there = any((f["provider"], f["table"]) == (provider, table) for f in files)
    return is_there and source_id not in _manifest()["sources_not_held"]


def coarseness() -> tuple[str, ...]:
    """Where the embedded figures are coarser than the provider's: one statement each, by table."""
    stated = {
        f"{entry['table']}: {statement}": None
        for entry in _manifest()["files"]
        for statement in entry["coarser_than_provider"]
    }
    return tuple(stated)
