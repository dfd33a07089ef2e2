"""One real publication from the snapshot, made once; tests work on copies of its state root."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from expectations.judge import judging_beside
from ingestion.declaration import provider_urls
from orchestration.job import refresh
from orchestration.run import RunResult
from orchestration.settings import Settings, load_settings

AS_OF = "2026-11-24T02:30:00+01:00"
NOBODY = "http://127.0.0.1:9"
LATER = "2026-11-25T02:30:00+01:00"


def settings_for(home: Path, **variables: str) -> Settings:
    """Settings of a state root, at a fixed time unless told otherwise.

    A live night asks nobody but those whose address is given: the others are where nobody listens.
    """
    given = {"KLIMAMONITOR_HOME": str(home), "KLIMAMONITOR_AS_OF": AS_OF, **variables}
    is_live = given.get("KLIMAMONITOR_TRANSPORT") == "live"
    nowhere = {f"KLIMAMONITOR_{name.upper()}_URL": NOBODY for name in provider_urls()}
    return load_settings((nowhere if is_live else {}) | given)


def run(settings: Settings, *, force: bool = False) -> RunResult:
    """The main job in this process; Dagster's variable does not outlive it."""
    before = dict(os.environ)
    try:
        return refresh(settings, force=force, told=lambda _stage, _item: None)
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session", autouse=True)
def judging() -> Iterator[None]:
    """One judging process for all runs of this process: each would import it anew."""
    with judging_beside():
        yield


@pytest.fixture(scope="session")
def first_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state root with one publication of the snapshot."""
    home = tmp_path_factory.mktemp("first") / "data"
    result = run(settings_for(home))
    assert result.result == "published", result.reasons
    return home


@pytest.fixture
def home(first_root: Path, tmp_path: Path) -> Path:
    """A copy of that state root, free to be spoilt."""
    return Path(shutil.copytree(first_root, tmp_path / "data", symlinks=True))


@pytest.fixture
def query(first_root: Path) -> Iterator[Callable[[str], list[tuple[object, ...]]]]:
    """Ask the first publication."""
    with duckdb.connect(str(first_root / "current" / "monitoring.duckdb"), read_only=True) as file:
        yield lambda sql: file.execute(sql).fetchall()


def file_bytes(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, to prove that nothing changed."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
