"""The fork servers and the state roots of the campaigns, made once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.campaign import Campaign, first_root, refresh_with, with_news
from tests.faults.fork_server import ForkServer
from tests.faults.small_project import small_project


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    """Runs refreshes of the small project."""
    started = ForkServer(small_project(tmp_path_factory.mktemp("small") / "dbt_project"))
    yield started
    started.close()


@pytest.fixture(scope="session")
def small_root(server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state root with one publication of the small project."""
    return first_root(server, tmp_path_factory.mktemp("root") / "data")


@pytest.fixture(scope="session")
def refreshes(
    server: ForkServer, small_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Campaign:
    """Refreshes of the small project: two sources are taken in, built, audited, published."""
    folder = tmp_path_factory.mktemp("refreshes")
    root = with_news(Path(shutil.copytree(small_root, folder / "data", symlinks=True)))
    return Campaign(refresh_with(server), root, folder).prepare()


@pytest.fixture
def home(small_root: Path, tmp_path: Path) -> Path:
    """A copy of that state root, free to be spoilt."""
    return Path(shutil.copytree(small_root, tmp_path / "data", symlinks=True))


@pytest.fixture(scope="session")
def promotions(server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """Promotions of a draft with two tables, beside the publication before."""
    folder = tmp_path_factory.mktemp("promotions")
    root = folder / "data"
    answer = server.run(root, "", promotion=1)
    assert answer["exit"] == 0, answer["said"]

    def start(home: Path, job: dict[str, object]) -> dict[str, object]:
        return dict(server.run(home, "", promotion=2, **job))

    return Campaign(start, root, folder).prepare()
