"""Has anything changed? Fingerprints of the code, of how a source is read, and of all inputs."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.declaration import Source
from orchestration.settings import DBT_PROJECT, PROJECT

CODE_FOLDERS = ("ingestion", "warehouse", "expectations", "orchestration")
CODE_SUFFIXES = frozenset({".py", ".yml", ".sql", ".csv", ".toml", ".lock"})
READING = ("casting.py", "file_tables.py", "geography.py", "request.py", "text.py", "windows.py")
DBT_FOLDERS = ("models", "macros", "seeds", "tests", "snapshots", "analyses")


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _digest_below(folder: Path, files: Iterable[Path]) -> str:
    return _digest(f"{p.relative_to(folder)}".encode() + b"\0" + p.read_bytes() for p in files)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix in CODE_SUFFIXES and p.is_file())


def project_files(project: Path) -> list[Path]:
    """All files that the parsed dbt project depends on."""
    files = [project / "dbt_project.yml", project / "profiles.yml"]
    return files + [path for name in DBT_FOLDERS for path in _files(project / name)]


def project_digest(project: Path) -> str:
    """A dbt project as it stands on the disk now."""
    return _digest_below(project, project_files(project))


def code_digest(project: Path) -> str:
    """A dbt project without the rows of its registers."""
    return _digest_below(project, (p for p in project_files(project) if p.suffix != ".csv"))


@cache
def dbt_fingerprint() -> str:
    """The dbt project that this process works with."""
    return project_digest(DBT_PROJECT)


@cache
def code_fingerprint() -> str:
    """Everything that turns inputs into a publication: code, declarations, registers, versions."""
    files = [path for name in CODE_FOLDERS for path in _files(PROJECT / name)]
    files.append(PROJECT / "requirements.lock")
    return _digest([_digest_below(PROJECT, files).encode(), dbt_fingerprint().encode()])


@cache
def reading_fingerprint(source: Source) -> str:
    """How a source's bytes become rows: its declaration, its protocol, the casting, names.

    What a declaration leaves at its default is no part of it, so a field that is new in the
    program does not make every source be read again.
    """
    ingestion, seeds = PROJECT / "ingestion", DBT_PROJECT / "seeds"
    files = [ingestion / name for name in READING]
    files.append(ingestion / "protocols" / f"{source.request.protocol}.py")
    if source.municipality and source.municipality.by_name:
        files.append(ingestion / "municipality_names.py")
        files += [seeds / f"{name}.csv" for name in ("municipalities", "municipality_aliases")]
    declared = source.model_dump_json(exclude_defaults=True).encode()
    return _digest([declared, *(path.read_bytes() for path in files)])[:16]


def judging_fingerprint(source: Source) -> str:
    """How a release is judged: a refusal stands while neither reading nor rules change."""
    return f"{reading_fingerprint(source)}-{code_fingerprint()[:16]}"


def digest_of(value: Any) -> str:
    """Names plain data by its content."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def input_fingerprint(
    releases: Mapping[str, Mapping[str, Any]],
    submissions: str,
    states: Mapping[str, str],
    transport: str,
    year: int,
) -> str:
    """All that a publication depends on but the hour of its making.

    Args:
        releases: source id → the accepted release in force and how it was read.
        submissions: every submission and where it stands, as one word.
        states: source id → the word that readers see; a source going stale is news.
        transport: snapshot or live.
        year: the calendar year, with which years open and regions change.
    """
    inputs = {
        "releases": releases,
        "submissions": submissions,
        "states": states,
        "transport": transport,
        "year": year,
        "code": code_fingerprint(),
    }
    return digest_of(inputs)
