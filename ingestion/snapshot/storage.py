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
def _listed() -> tuple[dict[str, Any], ...]:
    """What ``manifest.json`` says of every data file."""
    manifest = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return tuple(manifest["files"])


def embedded_tables(provider: str) -> frozenset[str]:
    """The tables of a provider that the snapshot holds."""
    return frozenset(entry["table"] for entry in _listed() if entry["provider"] == provider)


def coarseness() -> tuple[str, ...]:
    """Where the embedded figures are coarser than the provider's: one statement each, by table."""
    stated = {
        f"{entry['table']}: {statement}": None
        for entry in _listed()
        for statement in entry["coarser_than_provider"]
    }
    return tuple(stated)
