"""Parsing: what somebody reads is never taken away, and what is found is always whole."""

import os
import time
from pathlib import Path

import pytest

from orchestration import fingerprint, transform
from orchestration.fingerprint import dbt_fingerprint
from orchestration.transform import TransformError, ensure_parsed

MODEL = "select 1 as number"
PROJECT = "{name: small, version: '1.0.0', config-version: 2, profile: small}"
PROFILE = "small: {target: here, outputs: {here: {type: duckdb, path: ':memory:'}}}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt project of one model in place of the real one."""
    monkeypatch.setattr(transform, "DBT_PROJECT", tmp_path)
    monkeypatch.setattr(fingerprint, "DBT_PROJECT", tmp_path)
    monkeypatch.setattr(transform, "TARGET", tmp_path / "target")
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    (tmp_path / "profiles.yml").write_text(PROFILE)
    (tmp_path / "models").mkdir()
    change(tmp_path, MODEL)
    return tmp_path


@pytest.fixture(autouse=True)
def forget() -> object:
    """A fingerprint is a process's own; each test stands for a new process."""
    dbt_fingerprint.cache_clear()
    yield
    dbt_fingerprint.cache_clear()


def change(project: Path, model: str) -> None:
    (project / "models" / "number.sql").write_text(model)


def names(project: Path) -> set[str]:
    return {path.name for path in (project / "target").iterdir()}


def test_parsing_anew_leaves_what_others_are_reading(project: Path) -> None:
    read = ensure_parsed()
    parsed = read.read_bytes()
    change(project, f"{MODEL} -- changed")
    assert ensure_parsed() == read, "a process works with the project that it began with"
    dbt_fingerprint.cache_clear()
    other = ensure_parsed()
    assert other != read
    assert read.read_bytes() == parsed
    assert transform.read_parsed().nodes["model.small.number"].raw_code.endswith("changed")
    change(project, MODEL)
    dbt_fingerprint.cache_clear()
    before = read.stat().st_mtime_ns
    assert ensure_parsed() == read
    assert read.stat().st_mtime_ns == before, "it was not parsed again"


def test_a_project_that_does_not_parse_leaves_nothing(project: Path) -> None:
    change(project, "select * from {{ ref('nowhere') }}")
    with pytest.raises(TransformError, match="does not parse"):
        ensure_parsed()
    assert names(project) == set()


def test_a_project_that_changes_while_it_is_parsed_is_not_kept(project: Path) -> None:
    assert dbt_fingerprint()
    change(project, f"{MODEL} -- changed by somebody else")
    with pytest.raises(TransformError, match="changed while"):
        ensure_parsed()
    assert names(project) == set()


def test_litter_and_what_nobody_reads_any_more_are_cleared(project: Path) -> None:
    litter, old, recent = (project / "target" / n for n in (".parsing-killed", "old", "recent"))
    for folder in (litter, old, recent):
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{")
    long_ago = time.time() - transform.KEPT_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    parsed = ensure_parsed().parent
    assert names(project) == {"recent", parsed.name}
    os.utime(parsed, (long_ago, long_ago))
    ensure_parsed()
    assert parsed.stat().st_mtime > long_ago, "who reads it keeps it"
