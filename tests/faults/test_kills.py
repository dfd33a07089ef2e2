"""A run that is killed anywhere is finished by the next one, and readers never notice."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.faults.campaign import (
    Campaign,
    Job,
    at_points,
    at_random_times,
    in_chains,
    refresh_with,
    with_news,
)
from tests.faults.fork_server import ForkServer

SEED = 20261124
IN_A_ROW = 4
EXPECTED = {"accepted", "append", "audit", "copy", "dbt_node", "draft", "export", "fsync"}
EXPECTED |= {"fsync_folder", "inputs", "landing", "page", "pointer", "rename", "seal", "write"}


def killed(campaign: Campaign, jobs: Sequence[Job], in_a_row: int) -> int:
    """Kills that happened; a planned one may come too late, when the run is over."""
    return sum(campaign.chain(chain) for chain in in_chains(jobs, in_a_row))


def test_a_run_passes_a_point_at_every_kind_of_step(
    refreshes: Campaign, promotions: Campaign
) -> None:
    kinds = {point.split("#")[0].split(":")[0] for point in refreshes.points}
    assert kinds == EXPECTED
    assert len(refreshes.points) > 150
    assert len(promotions.points) > 50


def test_promotions_killed_at_some_points(promotions: Campaign) -> None:
    points = random.Random(SEED).sample(promotions.points, 32)
    assert killed(promotions, at_points(points), IN_A_ROW) >= 25


def test_refreshes_killed_at_some_points_and_moments(refreshes: Campaign) -> None:
    chance = random.Random(SEED)
    points = sorted(chance.sample(refreshes.points, 6), key=refreshes.points.index)
    jobs = [*at_points(points), *at_random_times(chance, 2, 1.0)]
    assert killed(refreshes, jobs, IN_A_ROW) >= 5


@pytest.mark.long
@pytest.mark.timeout(0)
def test_promotions_killed_at_every_point_alone_and_in_a_row(promotions: Campaign) -> None:
    chance = random.Random(SEED)
    number = killed(promotions, at_points(promotions.points), 1)
    assert number == len(promotions.points)
    for _ in range(12):
        jobs = at_points(chance.sample(promotions.points, len(promotions.points)))
        number += killed(promotions, jobs, chance.randint(1, IN_A_ROW))
    number += killed(promotions, at_random_times(chance, 100, 0.3), 1)
    assert number >= 500, promotions.killed


@pytest.mark.long
@pytest.mark.timeout(0)
def test_refreshes_killed_at_every_point_and_at_any_moment(refreshes: Campaign) -> None:
    chance = random.Random(SEED)
    number = killed(refreshes, at_points(refreshes.points), 1)
    assert number == len(refreshes.points)
    again = at_points(chance.sample(refreshes.points, len(refreshes.points)))
    number += killed(refreshes, again, IN_A_ROW)
    number += killed(refreshes, at_random_times(chance, 150, 3.0), IN_A_ROW)
    assert number >= 450, refreshes.killed


@pytest.fixture(scope="module")
def whole_refreshes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    """Refreshes of the project as it is."""
    folder: Path = tmp_path_factory.mktemp("whole")
    server = ForkServer(folder / "data")
    root = with_news(server.first_root)
    yield Campaign(refresh_with(server), root, folder).prepare()
    server.close()


@pytest.mark.long
@pytest.mark.timeout(0)
def test_whole_refreshes_killed_at_points_of_every_kind(whole_refreshes: Campaign) -> None:
    chance = random.Random(SEED)
    by_kind: dict[str, list[str]] = {}
    for point in whole_refreshes.points:
        by_kind.setdefault(point.split("#")[0], []).append(point)
    points = [chance.choice(group) for group in by_kind.values() for _ in range(2)]
    jobs = [*at_points(sorted(set(points))), *at_random_times(chance, 20, 15.0)]
    chance.shuffle(jobs)
    assert killed(whole_refreshes, jobs, IN_A_ROW) >= 50, whole_refreshes.killed
